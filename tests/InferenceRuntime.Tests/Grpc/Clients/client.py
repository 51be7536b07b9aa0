"""Debian's python3-grpcio against the server: `client.py DESCRIPTORS ADDRESS SCENARIO`. Asserts, and ends with 0 when all holds."""
import struct
import sys
import threading

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

descriptors, address, scenario = sys.argv[1:4]
pool = descriptor_pool.DescriptorPool()
with open(descriptors, "rb") as file:
    for definition in descriptor_pb2.FileDescriptorSet.FromString(file.read()).file:
        pool.Add(definition)
factory = message_factory.MessageFactory(pool)
SERVICE = "inference.GRPCInferenceService"
LIMITS = [("grpc.max_receive_message_length", 64 << 20), ("grpc.max_send_message_length", 64 << 20), ("grpc.enable_retries", 0)]


def message(type_name, /, **fields):
    return factory.GetPrototype(pool.FindMessageTypeByName(type_name))(**fields)


def stub(channel, service, method):
    definition = pool.FindServiceByName(service).FindMethodByName(method)
    proto = descriptor_pb2.MethodDescriptorProto()
    definition.CopyToProto(proto)
    kinds = {(False, False): channel.unary_unary, (False, True): channel.unary_stream, (True, True): channel.stream_stream}
    reply = factory.GetPrototype(definition.output_type)
    return kinds[proto.client_streaming, proto.server_streaming](
        f"/{service}/{method}", request_serializer=lambda m: m.SerializeToString(), response_deserializer=reply.FromString)


def raw(name, datatype, shape, data, **fields):
    request = message("inference.ModelInferRequest", **{"model_name": "echo", **fields})
    request.inputs.add(name=name, datatype=datatype, shape=shape)
    request.raw_input_contents.append(data)
    return request


def floats(channel, count, **how):
    data = struct.pack(f"<{count}f", *(i / 8 for i in range(count)))
    reply = stub(channel, SERVICE, "ModelInfer")(raw("x", "FP32", [count // 2, 2], data), timeout=30, **how)
    assert reply.raw_output_contents[0] == data
    assert list(reply.outputs[0].shape) == [count // 2, 2]


def code_of(call):
    try:
        call()
    except grpc.RpcError as error:
        return error.code(), error.details()
    raise AssertionError("the call went well")


def unary(channel):
    floats(channel, 2)
    assert stub(channel, SERVICE, "ServerReady")(message("inference.ServerReadyRequest")).ready
    metadata = stub(channel, SERVICE, "ModelMetadata")(message("inference.ModelMetadataRequest", name="echo"))
    assert metadata.inputs[0].datatype == "FP32" and list(metadata.versions) == ["1"]


def large(channel):
    floats(channel, (3 << 20) // 4)
    floats(channel, (20 << 20) // 4)


def refused(channel):
    code, details = code_of(lambda: stub(channel, SERVICE, "ModelInfer")(message("inference.ModelInferRequest", model_name="ünknown 100%")))
    assert (code, details) == (grpc.StatusCode.NOT_FOUND, "this server has no model 'ünknown 100%'"), (code, details)
    code, _ = code_of(lambda: channel.unary_unary(f"/{SERVICE}/Nothing")(b""))
    assert code == grpc.StatusCode.UNIMPLEMENTED
    code, _ = code_of(lambda: stub(channel, SERVICE, "ModelInfer")(raw("x", "FP32", [1, 2], bytes(33 << 20)), timeout=30))
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED, code
    floats(channel, 2)


def deadline(channel):
    code, _ = code_of(lambda: stub(channel, SERVICE, "ModelInfer")(raw("x", "UINT8", [1], b"\1"), timeout=0.3))
    assert code == grpc.StatusCode.DEADLINE_EXCEEDED


def cancel(channel):
    pending = stub(channel, SERVICE, "ModelInfer").future(raw("x", "UINT8", [1], b"\1"))
    print("sent", flush=True)
    sys.stdin.readline()
    pending.cancel()
    assert pending.cancelled()


def gzip(channel):
    floats(channel, 100_000, compression=grpc.Compression.Gzip)


def stream(channel):
    def requests():
        for i in range(1000):
            yield raw("x", "FP32", [1, 2], struct.pack("<2f", i, -i), id=str(i), model_name="other" if i == 500 else "echo")

    replies = list(stub(channel, SERVICE, "ModelStreamInfer")(requests()))
    assert [reply.infer_response.id for reply in replies] == [str(i) for i in range(1000)]
    assert [i for i, reply in enumerate(replies) if reply.error_message] == [500]


def health(channel):
    check = stub(channel, "grpc.health.v1.Health", "Check")
    assert check(message("grpc.health.v1.HealthCheckRequest")).status == 1
    watch = stub(channel, "grpc.health.v1.Health", "Watch")(message("grpc.health.v1.HealthCheckRequest", service="echo"))
    seen = []

    def follow():
        for reply in watch:
            seen.append(reply.status)
            print("SERVING" if reply.status == 1 else "NOT_SERVING", flush=True)

    assert code_of(follow)[0] == grpc.StatusCode.UNAVAILABLE
    assert seen == [1, 2], seen


def reflection(channel):
    for version in "v1", "v1alpha":
        asked = message(f"grpc.reflection.{version}.ServerReflectionRequest", list_services="*")
        done = threading.Event()

        def questions():
            yield asked
            done.wait()

        replies = stub(channel, f"grpc.reflection.{version}.ServerReflection", "ServerReflectionInfo")(questions())
        assert SERVICE in [service.name for service in next(replies).list_services_response.service]
        done.set()


with grpc.insecure_channel(address, options=LIMITS) as connected:
    {f.__name__: f for f in (unary, large, refused, deadline, cancel, gzip, stream, health, reflection)}[scenario](connected)
