# JupyterLab with the lessons and their kernel, on the CPU:
#   docker build -t evident . && docker run --init --rm -p 127.0.0.1:8888:8888 evident
# It prints the address to open. To keep what you change, mount a folder over notebooks/.

FROM golang:1.26.8-bookworm AS go

FROM python:3.12.12-slim-bookworm

# Cells are compiled as they run, so Go stays in the image, and gcc for the bindings of XLA.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc git libc6-dev make \
    && rm -rf /var/lib/apt/lists/*
COPY --from=go /usr/local/go /usr/local/go

ARG NB_USER=student
ARG NB_UID=1000
RUN useradd --no-log-init --create-home --uid "$NB_UID" "$NB_USER" \
    && install --directory --owner "$NB_UID" "/home/$NB_USER/evident"
WORKDIR /home/$NB_USER/evident
ENV HOME=/home/$NB_USER \
    PATH=/home/$NB_USER/evident/.venv/bin:/usr/local/go/bin:$PATH
USER $NB_UID

# Python first and by itself: of the set-up it takes longest and changes least.
COPY --chown=$NB_UID Makefile ./
COPY --chown=$NB_UID kernel kernel
RUN make .venv/place
COPY --chown=$NB_UID . .
RUN make setup

EXPOSE 8888
CMD ["make", "lab", "IP=0.0.0.0"]
