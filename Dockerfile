# One image for every role: the command says which, as `serve` or `work delivery` (docker-compose.yml).
# What is in it beside Python and the packages of constraints.txt: nothing.

FROM python:3.11.15-slim-bookworm AS build
WORKDIR /build
RUN python -m venv --without-pip /opt/sk
ENV PIP_CONSTRAINT=/build/constraints.txt \
    PIP_BUILD_CONSTRAINT=/build/constraints.txt \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
COPY constraints.txt pyproject.toml hatch_build.py README.md LICENSE ./
COPY sk ./sk
RUN pip --python /opt/sk/bin/python install .

FROM python:3.11.15-slim-bookworm
# The folders are mount points: a fresh volume takes over their owner. All others are not writable, nor need to be.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin sk \
    && install --directory --owner=sk --group=sk --mode=700 \
        /data /keys/web /keys/delivery /keys/notification /keys/evidence /run/render \
    && install --directory --owner=sk --group=sk --mode=755 \
        /run/secrets/store /run/secrets/queue /run/secrets/objects
COPY --from=build /opt/sk /opt/sk
ENV PATH=/opt/sk/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SK_DATA=/data
# By number, so that an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /data
EXPOSE 8080
ENTRYPOINT ["sk"]
CMD ["--help"]
