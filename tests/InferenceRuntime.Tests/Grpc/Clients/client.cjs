// @grpc/grpc-js against the server: `node client.cjs MODULES PROTOS ADDRESS SCENARIO`. Asserts, and ends with 0 when all holds.
'use strict';
const assert = require('node:assert/strict');
const path = require('node:path');
const { createRequire } = require('node:module');
const [modules, protos, address, scenario] = process.argv.slice(2);
const load = createRequire(path.join(modules, 'package.json'));
const grpc = load('@grpc/grpc-js');
const loader = load('@grpc/proto-loader');

const files = ['inference.proto', 'grpc/health/v1/health.proto', 'grpc/reflection/v1/reflection.proto'];
const api = grpc.loadPackageDefinition(loader.loadSync(files, { includeDirs: [protos], keepCase: true, longs: Number, enums: String, defaults: true }));
const options = {
  'grpc.max_receive_message_length': 64 << 20,
  'grpc.max_send_message_length': 64 << 20,
  'grpc.enable_retries': 0,
};
const insecure = grpc.credentials.createInsecure();
const client = new api.inference.GRPCInferenceService(address, insecure, options);
const health = new api.grpc.health.v1.Health(address, insecure, options);
const reflection = new api.grpc.reflection.v1.ServerReflection(address, insecure, options);

const call = (stub, method, message, how = {}) => new Promise((resolve) => {
  const started = stub[method](message, new grpc.Metadata(), how, (error, reply) => resolve({ error, reply }));
  if (how.cancelOn) {
    how.cancelOn.then(() => started.cancel());
  }
});

const raw = (name, datatype, shape, bytes) => ({
  model_name: 'echo', inputs: [{ name, datatype, shape }], raw_input_contents: [bytes],
});

async function floats(count) {
  const values = new Float32Array(count).map((_, i) => i / 7);
  const bytes = Buffer.from(values.buffer);
  const { error, reply } = await call(client, 'modelInfer', raw('x', 'FP32', [count / 2, 2], bytes));
  assert.equal(error, null);
  assert.deepEqual(reply.outputs[0].shape, [count / 2, 2]);
  assert.ok(bytes.equals(reply.raw_output_contents[0]));
}

const scenarios = {
  async unary() {
    await floats(2);
    assert.equal((await call(client, 'serverLive', {})).reply.live, true);
    assert.equal((await call(client, 'modelReady', { name: 'echo' })).reply.ready, true);
    assert.deepEqual((await call(client, 'modelMetadata', { name: 'echo' })).reply.inputs[0], { name: 'x', datatype: 'FP32', shape: [-1, 2] });
    assert.equal((await call(client, 'modelConfig', { name: 'echo' })).reply.config.input[0].data_type, 'TYPE_FP32');
    assert.equal((await call(client, 'repositoryIndex', {})).reply.models[0].state, 'READY');
    assert.equal((await call(client, 'modelStatistics', {})).reply.model_stats[0].name, 'echo');
  },
  async large() {
    await floats((3 << 20) / 4);
    await floats((20 << 20) / 4);
  },
  async refused() {
    const unknown = await call(client, 'modelInfer', { model_name: 'ünknown 100%' });
    assert.equal(unknown.error.code, grpc.status.NOT_FOUND);
    assert.equal(unknown.error.details, "this server has no model 'ünknown 100%'");
    const method = client.makeUnaryRequest('/inference.GRPCInferenceService/Nothing', (m) => m, (m) => m, Buffer.alloc(0), () => {});
    const status = await new Promise((resolve) => method.on('status', resolve));
    assert.equal(status.code, grpc.status.UNIMPLEMENTED);
    const long = await call(client, 'modelInfer', raw('x', 'FP32', [1, 2], Buffer.alloc(33 << 20)));
    assert.equal(long.error.code, grpc.status.RESOURCE_EXHAUSTED);
    await floats(2);
  },
  // The server's engine holds requests back until it is killed.
  async deadline() {
    const { error } = await call(client, 'modelInfer', raw('x', 'UINT8', [1], Buffer.of(1)), { deadline: Date.now() + 300 });
    assert.equal(error.code, grpc.status.DEADLINE_EXCEEDED);
  },
  async cancel() {
    const cancelOn = new Promise((resolve) => process.stdin.once('data', resolve));
    const pending = call(client, 'modelInfer', raw('x', 'UINT8', [1], Buffer.of(1)), { cancelOn });
    console.log('sent');
    assert.equal((await pending).error.code, grpc.status.CANCELLED);
    process.stdin.destroy();
  },
  async gzip() {
    const zipped = new api.inference.GRPCInferenceService(address, insecure, { ...options, 'grpc.default_compression_algorithm': 2 });
    const bytes = Buffer.alloc(400_000, 1);
    const { error, reply } = await call(zipped, 'modelInfer', raw('x', 'FP32', [50_000, 2], bytes));
    assert.equal(error, null);
    assert.ok(bytes.equals(reply.raw_output_contents[0]));
    zipped.close();
  },
  async stream() {
    const stream = client.modelStreamInfer();
    const seen = [];
    const done = new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject));
    stream.on('data', (reply) => seen.push(reply));
    for (let i = 0; i < 1000; i++) {
      const request = raw('x', 'FP32', [1, 2], Buffer.from(new Float32Array([i, -i]).buffer));
      stream.write({ ...request, id: `${i}`, model_name: i === 500 ? 'other' : 'echo' });
    }
    stream.end();
    await done;
    assert.equal(seen.length, 1000);
    seen.forEach((reply, i) => {
      assert.equal(reply.infer_response.id, `${i}`);
      assert.equal(reply.error_message, i === 500 ? "this server has no model 'other'" : '');
    });
  },
  async health() {
    assert.equal((await call(health, 'check', {})).reply.status, 'SERVING');
    assert.equal((await call(health, 'check', { service: 'echo' })).reply.status, 'SERVING');
    assert.equal((await call(health, 'check', { service: 'other' })).error.code, grpc.status.NOT_FOUND);
    const statuses = [];
    const watch = health.watch({});
    watch.on('data', (reply) => {
      statuses.push(reply.status);
      console.log(reply.status);
    });
    const error = await new Promise((resolve) => watch.on('error', resolve));
    assert.deepEqual(statuses, ['SERVING', 'NOT_SERVING']);
    assert.equal(error.code, grpc.status.UNAVAILABLE);
  },
  async reflection() {
    const stream = reflection.serverReflectionInfo();
    const reply = new Promise((resolve, reject) => stream.on('data', resolve).on('error', reject));
    stream.write({ list_services: '*' });
    const names = (await reply).list_services_response.service.map((service) => service.name);
    assert.ok(names.includes('inference.GRPCInferenceService') && names.includes('grpc.health.v1.Health'));
    stream.end();
  },
};

scenarios[scenario]().then(
  () => { [client, health, reflection].forEach((stub) => stub.close()); },
  (error) => {
    console.error(error);
    process.exit(1);
  });
