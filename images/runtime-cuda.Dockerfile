# syntax=docker/dockerfile:1
# The runtime with CUDA: docker build -f images/runtime-cuda.Dockerfile -t REGISTRY/inference-runtime:0.1.0-cuda .
# With TensorRT too: --build-arg TREE=runtime-tensorrt --build-arg TENSORRT=10.14.1.48-1+cuda13.0 -t REGISTRY/inference-runtime:0.1.0-tensorrt
# Pin the bases by digest: --build-arg BASE=nvidia/cuda@sha256:… and so on. On nodes it needs a driver for CUDA 13 (580 or later).
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0-noble
ARG DOTNET=mcr.microsoft.com/dotnet/aspnet:10.0-noble
ARG BASE=nvidia/cuda:13.0.2-cudnn-runtime-ubuntu24.04

FROM ${DOTNET} AS dotnet

FROM ${SDK} AS build
ARG TREE=runtime-cuda
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*
COPY . /src
RUN /src/images/tree ${TREE} /tree

# CUDA 13 and cuDNN 9, which the provider is linked against; .NET comes from its own image, and TensorRT from the package source that the base names.
FROM ${BASE}
ARG TENSORRT=
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates libssl3t64 tzdata \
    ${TENSORRT:+libnvinfer10=${TENSORRT} libnvonnxparsers10=${TENSORRT} libnvinfer-plugin10=${TENSORRT}} && rm -rf /var/lib/apt/lists/*
COPY --from=dotnet /usr/share/dotnet/ /usr/share/dotnet/
COPY --from=build /tree/ /
USER 65532:65532
WORKDIR /app
# Where devices come by NVIDIA's container runtime, these are what the driver's side mounts: libcuda and NVML.
ENV DOTNET_ROOT=/usr/share/dotnet DOTNET_EnableDiagnostics=0 NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
EXPOSE 8000 8001 8002 8003
ENTRYPOINT ["/app/inference-runtime"]
