# JupyterLab with the lessons and their kernel, on the CPU:
#   docker build -t evident . && docker run --init --rm -p 127.0.0.1:8888:8888 evident
# It prints the address to open. With --build-arg DEVICE=cuda it uses an NVIDIA GPU too; docs/classroom.md has
# the rest: keeping what you change, a class, Kubernetes.

FROM golang:1.26.8-bookworm AS go

# What only Go's own developers read.
RUN rm -rf /usr/local/go/api /usr/local/go/doc /usr/local/go/misc /usr/local/go/test \
    && find /usr/local/go/src -name testdata -prune -exec rm -rf {} + \
    && find /usr/local/go/src -name '*_test.go' -delete


FROM python:3.12.12-slim-bookworm AS base

# Cells are compiled as they run, so Go stays in the image, and gcc for the bindings of XLA.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev make \
    && rm -rf /var/lib/apt/lists/*
COPY --from=go /usr/local/go /usr/local/go

# Nothing of the lessons lies in the home: JupyterHub mounts a volume there.
ARG NB_USER=jovyan
ARG NB_UID=1000
RUN useradd --no-log-init --create-home --uid "$NB_UID" "$NB_USER" \
    && install --directory --owner "$NB_UID" /opt/evident /opt/go
ENV HOME=/home/$NB_USER \
    PATH=/opt/evident/.venv/bin:/usr/local/go/bin:$PATH \
    GOPATH=/opt/go \
    GOCACHE=/opt/go/cache \
    PIP_NO_CACHE_DIR=1
WORKDIR /opt/evident
USER $NB_UID


FROM base AS build

# Python first and by itself: of the set-up it takes longest and changes least.
COPY --chown=$NB_UID Makefile ./
COPY --chown=$NB_UID kernel kernel
RUN make .venv/place
# The link is where go-xla looks for CUDA's compiler.
ARG DEVICE=cpu
RUN .venv/bin/python -m pip install --quiet --requirement kernel/requirements-hub.txt \
    && if [ "$DEVICE" != cpu ]; then \
        .venv/bin/python -m pip install --quiet --requirement "kernel/requirements-$DEVICE.txt" \
        && ln --symbolic ../nvidia/cu13 .venv/lib/python3.12/site-packages/jax_plugins/nvidia; \
    fi
COPY --chown=$NB_UID . .
# The set-up's own cache goes: a cell needs what the lessons import, not what gopls is made of.
RUN GOCACHE=/tmp/set-up make setup \
    && rm -rf /tmp/set-up \
    && kernel/setup.sh cells \
    && find /opt/go/pkg/mod/cache/download -name '*.zip' -delete


FROM base

COPY --from=build /opt /opt
EXPOSE 8888
CMD ["make", "lab", "IP=0.0.0.0"]
