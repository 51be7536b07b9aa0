// @grpc/grpc-js against the endpoint of the local mode: `node client.cjs MODULES PROTOS ADDRESS SCENARIO`. Asserts, and ends with 0 when all holds.
'use strict';
const assert = require('node:assert/strict');
const path = require('node:path');
const { createRequire } = require('node:module');
const [modules, protos, address, scenario] = process.argv.slice(2);
const load = createRequire(path.join(modules, 'package.json'));
const grpc = load('@grpc/grpc-js');
const loader = load('@grpc/proto-loader');

const api = grpc.loadPackageDefinition(
  loader.loadSync(['inference.proto', 'grpc/health/v1/health.proto'], { includeDirs: [protos], keepCase: true, longs: Number, enums: String, defaults: true }));
const options = { 'grpc.enable_retries': 0 };
const insecure = grpc.credentials.createInsecure();
const client = new api.inference.GRPCInferenceService(address, insecure, options);
const health = new api.grpc.health.v1.Health(address, insecure, options);

const call = (stub, method, message, how = {}) => new Promise((resolve) => {
  stub[method](message, new grpc.Metadata(), how, (error, reply) => resolve({ error, reply }));
});

const digits = (id = '', model = 'digits', rows = 1) => ({
  model_name: model, id, inputs: [{ name: 'pixels', datatype: 'FP32', shape: [rows, 64] }], raw_input_contents: [Buffer.from(new Float32Array(rows * 64).fill(1).buffer)],
});

function assertAnswer(reply, id) {
  assert.equal(reply.model_name, 'digits');
  assert.equal(reply.id, id);
  assert.equal(reply.outputs[0].name, 'logits');
  assert.equal(reply.raw_output_contents[0].length, 40);
}

const scenarios = {
  async unary() {
    for (let i = 0; i < 20; i++) {
      const { error, reply } = await call(client, 'modelInfer', digits(`${i}`), { deadline: Date.now() + 20_000 });
      assert.equal(error, null);
      assertAnswer(reply, `${i}`);
    }
    assert.equal((await call(client, 'serverLive', {})).reply.live, true);
    assert.equal((await call(client, 'serverReady', {})).reply.ready, true);
    assert.equal((await call(client, 'serverMetadata', {})).reply.name, 'inference-operator');
    assert.equal((await call(client, 'modelReady', { name: 'digits' })).reply.ready, true);
    assert.equal((await call(client, 'modelReady', { name: 'nobody' })).reply.ready, false);
    assert.deepEqual((await call(client, 'modelMetadata', { name: 'digits' })).reply.inputs[0].shape, [-1, 64]);
    assert.equal((await call(client, 'modelConfig', { name: 'digits' })).reply.config.input[0].data_type, 'TYPE_FP32');
  },
  async stream() {
    const stream = client.modelStreamInfer();
    const seen = [];
    const ended = new Promise((resolve) => stream.on('status', resolve));
    stream.on('data', (message) => seen.push(message));
    stream.on('error', () => {});
    for (let i = 0; i < 300; i++) {
      stream.write(i === 150 ? digits('150', 'nobody') : digits(`${i}`));
    }
    stream.end();
    assert.equal((await ended).code, grpc.status.OK);
    assert.equal(seen.length, 300);
    seen.forEach((message, i) => {
      if (i === 150) {
        assert.match(message.error_message, /there is no agent 'nobody'/);
        assert.equal(message.infer_response.id, '150');
      } else {
        assert.equal(message.error_message, '');
        assertAnswer(message.infer_response, `${i}`);
      }
    });
  },
  async gzip() {
    const zipped = new api.inference.GRPCInferenceService(address, insecure, { ...options, 'grpc.default_compression_algorithm': 2 });
    const { error, reply } = await call(zipped, 'modelInfer', digits('z', 'digits', 32));
    assert.equal(error, null);
    assert.equal(reply.raw_output_contents[0].length, 32 * 40);
    zipped.close();
  },
  async refused() {
    const unknown = await call(client, 'modelInfer', digits('', 'ünknown 100%'));
    assert.equal(unknown.error.code, grpc.status.NOT_FOUND);
    assert.equal(unknown.error.details, "there is no agent 'ünknown 100%'; the agents are: digits");
    const wrong = await call(client, 'modelInfer', { ...digits(), inputs: [] });
    assert.equal(wrong.error.code, grpc.status.INVALID_ARGUMENT);
    const control = await call(client, 'repositoryModelLoad', { model_name: 'digits' });
    assert.equal(control.error.code, grpc.status.UNIMPLEMENTED);
  },
  async health() {
    assert.equal((await call(health, 'check', {})).reply.status, 'SERVING');
    assert.equal((await call(health, 'check', { service: 'digits' })).reply.status, 'SERVING');
    assert.equal((await call(health, 'check', { service: 'nobody' })).error.code, grpc.status.NOT_FOUND);
    const watch = health.watch({ service: 'digits' });
    watch.on('error', () => {});
    assert.equal((await new Promise((resolve) => watch.once('data', resolve))).status, 'SERVING');
    watch.cancel();
  },
};

scenarios[scenario]().then(() => {
  client.close();
  health.close();
}, (error) => {
  console.error(error);
  process.exit(1);
});
