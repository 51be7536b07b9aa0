// The server that a user would write for one model: node:http and onnxruntime-node, a run for each request.
// POST /v2/models/model/infer with Inference-Header-Content-Length (JSON head, then raw tensors) or with plain JSON.
import http from 'node:http';
import * as ort from 'onnxruntime-node';

const [file, metadataJson] = process.argv.slice(2);
const metadata = JSON.parse(metadataJson);
const session = await ort.InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 });
const types = { FP32: ['float32', Float32Array], INT64: ['int64', BigInt64Array] };

async function infer(headers, body) {
  const head = Number(headers['inference-header-content-length'] ?? body.length);
  const request = JSON.parse(body.subarray(0, head).toString('utf8'));
  const feeds = {};
  let at = head;
  for (const input of request.inputs) {
    const [type, ArrayType] = types[input.datatype];
    const size = input.parameters?.binary_data_size;
    let data;
    if (size === undefined) {
      data = type === 'int64' ? BigInt64Array.from(input.data.flat(Infinity), BigInt) : ArrayType.from(input.data.flat(Infinity));
    } else {
      const bytes = new Uint8Array(body.subarray(at, at + size)); // a copy: typed arrays want their alignment
      data = new ArrayType(bytes.buffer);
      at += size;
    }
    feeds[input.name] = new ort.Tensor(type, data, input.shape);
  }
  const answer = await session.run(feeds);
  const binary = headers['inference-header-content-length'] !== undefined;
  const outputs = [];
  const raw = [];
  for (const [name, tensor] of Object.entries(answer)) {
    const output = { name, datatype: 'FP32', shape: tensor.dims };
    if (binary) {
      const bytes = Buffer.from(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
      output.parameters = { binary_data_size: bytes.length };
      raw.push(bytes);
    } else {
      output.data = Array.from(tensor.data);
    }
    outputs.push(output);
  }
  const json = Buffer.from(JSON.stringify({ model_name: 'model', model_version: '1', outputs }));
  return { binary, json, body: Buffer.concat([json, ...raw]) };
}

const server = http.createServer((request, response) => {
  if (request.method === 'GET') {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(metadata));
    return;
  }
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    try {
      const reply = await infer(request.headers, Buffer.concat(chunks));
      response.setHeader('Content-Type', reply.binary ? 'application/octet-stream' : 'application/json');
      if (reply.binary) response.setHeader('Inference-Header-Content-Length', reply.json.length);
      response.setHeader('Content-Length', reply.body.length);
      response.end(reply.body);
    } catch (error) {
      response.statusCode = 400;
      response.end(JSON.stringify({ error: String(error) }));
    }
  });
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
