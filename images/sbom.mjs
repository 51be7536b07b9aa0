// Prints the bill of materials of a published program, CycloneDX 1.5 JSON: NuGet packages whose files are in the tree, the npm packages with
// ONNX Runtime where its libraries are, and the frameworks that the base image brings. Equal inputs give equal bytes: no time, no chance.
//   node sbom.mjs --name PROGRAM --tree FOLDER --assets project.assets.json --npm package-lock.json,…
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const options = {};
for (let i = 2; i < process.argv.length; i += 2) options[process.argv[i].replace(/^--/, '')] = process.argv[i + 1];
for (const name of ['name', 'tree', 'assets', 'npm']) if (!options[name]) { console.error(`missing: --${name}`); process.exit(2); }

const readJson = path => JSON.parse(readFileSync(path, 'utf8'));
const files = new Set(readdirSync(options.tree));
const sha256 = file => createHash('sha256').update(readFileSync(join(options.tree, file))).digest('hex');
const hex = base64 => Buffer.from(base64, 'base64').toString('hex');
const fileProperties = names => names.sort().map(name => ({ name: `file:${name}`, value: `sha256:${sha256(name)}` }));

// The target of the platform holds what goes beside the program; tools of the build have nothing there.
const assets = readJson(options.assets);
const target = Object.entries(assets.targets).filter(([name]) => name.includes('/')).map(([, value]) => value)[0] ?? Object.values(assets.targets)[0];
const packageFolders = Object.keys(assets.packageFolders ?? {});
const dependencies = new Map();

function licence(key) {
  for (const folder of packageFolders) {
    const [id] = key.split('/');
    const spec = join(folder, key.toLowerCase(), `${id.toLowerCase()}.nuspec`);
    if (!existsSync(spec)) continue;
    const text = readFileSync(spec, 'utf8');
    const expression = /<license type="expression">([^<]+)<\/license>/.exec(text)?.[1];
    const url = /<licenseUrl>([^<]+)<\/licenseUrl>/.exec(text)?.[1];
    if (expression) return [{ expression }];
    if (url) return [{ license: { name: 'see url', url } }];
  }
  return undefined;
}

const components = [];
for (const [key, value] of Object.entries(target)) {
  const [name, version] = key.split('/');
  if (value.type !== 'package') continue;
  const own = [...Object.keys(value.runtime ?? {}), ...Object.keys(value.native ?? {})].map(path => path.split('/').pop()).filter(file => files.has(file));
  if (own.length === 0) continue;
  const purl = `pkg:nuget/${name}@${version}`;
  dependencies.set(purl, Object.entries(value.dependencies ?? {}).map(([id, wanted]) => [id, wanted]));
  const licenses = licence(key);
  components.push({
    type: 'library', 'bom-ref': purl, name, version, purl,
    hashes: [{ alg: 'SHA-512', content: hex(assets.libraries[key].sha512) }],
    ...(licenses ? { licenses } : {}), properties: fileProperties(own),
  });
}

// The library with providers for GPUs comes from another package than the one for the CPU, and they from a third.
const hasProviders = files.has('libonnxruntime_providers_cuda.so');
const npmOf = file => {
  if (file === 'Microsoft.ML.OnnxRuntime.dll') return ['com.github.asus4.onnxruntime', 'ONNX Runtime: the source of its managed API'];
  if (!/^libonnxruntime.*\.so/.test(file)) return undefined;
  if (!hasProviders) return ['com.github.asus4.onnxruntime', 'ONNX Runtime: native library, and the source of its managed API'];
  return file === 'libonnxruntime.so'
    ? ['onnxruntime-node', 'ONNX Runtime: native library with providers for GPUs']
    : ['com.github.asus4.onnxruntime.linux-x64-gpu', 'ONNX Runtime: its providers for GPUs'];
};
const pinned = Object.assign({}, ...options.npm.split(',').map(path => readJson(path).packages));
const fromNpm = new Map();
for (const file of files) {
  const [name, description] = npmOf(file) ?? [];
  if (name) fromNpm.set(name, { description: fromNpm.get(name)?.description ?? description, files: [...(fromNpm.get(name)?.files ?? []), file] });
}
for (const [name, { description, files: own }] of fromNpm) {
  const entry = pinned[`node_modules/${name}`];
  const purl = `pkg:npm/${name}@${entry.version}`;
  dependencies.set(purl, []);
  components.push({
    type: 'library', 'bom-ref': purl, name, version: entry.version, purl, description,
    hashes: [{ alg: 'SHA-512', content: hex(entry.integrity.replace(/^sha512-/, '')) }],
    licenses: [{ expression: 'MIT' }], properties: fileProperties(own),
  });
}

const config = readJson(join(options.tree, `${options.name}.runtimeconfig.json`)).runtimeOptions;
for (const framework of config.frameworks ?? [config.framework]) {
  const purl = `pkg:nuget/${framework.name}.Runtime.linux-x64@${framework.version}`;
  dependencies.set(purl, []);
  components.push({
    type: 'framework', 'bom-ref': purl, name: framework.name, version: framework.version, purl, scope: 'required',
    description: 'from the base image, of this or a later patch', licenses: [{ expression: 'MIT' }],
  });
}

components.sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
const byName = new Map(components.map(component => [component.name.toLowerCase(), component['bom-ref']]));
const project = assets.project;
const own = [...files].filter(file => file === options.name || (file.endsWith('.dll') && /^(Inference|inference-)/.test(file)));
const subject = `pkg:generic/${options.name}@${project.version}`;
const bom = {
  bomFormat: 'CycloneDX', specVersion: '1.5', serialNumber: '', version: 1,
  metadata: {
    component: { type: 'application', 'bom-ref': subject, name: options.name, version: project.version, licenses: [{ expression: 'Apache-2.0' }], properties: fileProperties(own) },
  },
  components,
  dependencies: [
    { ref: subject, dependsOn: components.map(component => component['bom-ref']) },
    ...components.map(component => ({ ref: component['bom-ref'], dependsOn: (dependencies.get(component['bom-ref']) ?? []).map(([id]) => byName.get(id.toLowerCase())).filter(Boolean).sort() })),
  ],
};
const digest = createHash('sha256').update(JSON.stringify(bom)).digest('hex');
bom.serialNumber = `urn:uuid:${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-a${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
console.log(JSON.stringify(bom, null, 2));
