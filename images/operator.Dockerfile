# syntax=docker/dockerfile:1
# The operator: docker build -f images/operator.Dockerfile -t REGISTRY/inference-operator:0.1.0 .
# Pin both bases by digest: --build-arg SDK=mcr.microsoft.com/dotnet/sdk@sha256:… --build-arg BASE=mcr.microsoft.com/dotnet/aspnet@sha256:…
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0-noble
ARG BASE=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled

FROM ${SDK} AS build
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*
COPY . /src
RUN /src/images/tree operator /tree

# The base has no shell and no package manager.
FROM ${BASE}
COPY --from=build /tree/ /
# As the chart's and the install's pods run it: no name, no home, no rights.
USER 65532:65532
WORKDIR /app
ENV DOTNET_EnableDiagnostics=0
EXPOSE 8080
ENTRYPOINT ["/app/inference-operator"]
