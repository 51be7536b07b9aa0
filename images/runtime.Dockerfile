# syntax=docker/dockerfile:1
# The runtime on the CPU: docker build -f images/runtime.Dockerfile -t REGISTRY/inference-runtime:0.1.0 .
# Pin both bases by digest: --build-arg SDK=mcr.microsoft.com/dotnet/sdk@sha256:… --build-arg BASE=mcr.microsoft.com/dotnet/aspnet@sha256:…
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0-noble
ARG BASE=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra

FROM ${SDK} AS build
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*
COPY . /src
RUN /src/images/tree runtime /tree

# The base has no shell and no package manager; -extra brings libstdc++, which ONNX Runtime's library needs.
FROM ${BASE}
COPY --from=build /tree/ /
USER 65532:65532
WORKDIR /app
ENV DOTNET_EnableDiagnostics=0
EXPOSE 8000 8001 8002 8003
ENTRYPOINT ["/app/inference-runtime"]
