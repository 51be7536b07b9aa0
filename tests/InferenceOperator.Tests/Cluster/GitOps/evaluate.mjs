// Reads {lua, cel: {inProgress, failed, current}, objects} from the standard input and writes what Argo CD and Flux would say of
// each object: [{argo: {status, message}, flux}]. Flux asks inProgress, failed, current in this order; none of them is in progress.
import { createRequire } from 'node:module';

const modules = createRequire(process.argv[2] + '/');
const { LuaFactory } = modules('wasmoon');
const { evaluate } = await import(modules.resolve('@marcbachmann/cel-js'));

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { lua, cel, objects } = JSON.parse(Buffer.concat(chunks).toString());

// Argo CD hands the object over as plain tables; without null, which is a field that is not there.
const table = value =>
  Array.isArray(value) ? `{${value.map(table).join(',')}}`
  : value !== null && typeof value === 'object'
    ? `{${Object.entries(value).filter(([, v]) => v !== null).map(([k, v]) => `[${text(k)}]=${table(v)}`).join(',')}}`
  : typeof value === 'string' ? text(value)
  : String(value);
const text = value => '"' + [...Buffer.from(value)].map(byte => '\\' + String(byte).padStart(3, '0')).join('') + '"';

const results = [];
for (const object of objects) {
  const engine = await new LuaFactory().createEngine();
  const said = await engine.doString(`obj = ${table(object)}\nlocal hs = (function()\n${lua}\nend)()\nreturn hs.status .. "\\n" .. (hs.message or "")`);
  engine.global.close();
  const [status, ...message] = said.split('\n');
  let flux = 'InProgress';
  for (const [name, verdict] of [['inProgress', 'InProgress'], ['failed', 'Failed'], ['current', 'Current']]) {
    if (evaluate(cel[name], object)) {
      flux = verdict;
      break;
    }
  }

  results.push({ argo: { status, message: message.join('\n') }, flux });
}

console.log(JSON.stringify(results));
