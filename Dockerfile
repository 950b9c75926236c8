# The embedded servers and everything that only development needs stay out of the image:
# PostgreSQL and Redis are given by DATABASE_URL and REDIS_URL.

FROM python:3.11-slim-bookworm AS build
COPY requirements/production.txt /requirements.txt
RUN python -m venv --without-pip /opt/tenon \
    && python -m pip --python /opt/tenon/bin/python install --no-cache-dir \
        --disable-pip-version-check --require-hashes --only-binary=:all: --no-binary=http-ece \
        -r /requirements.txt
COPY manage.py /app/manage.py
COPY platform /app/platform
COPY domains /app/domains
COPY deploy /app/deploy
WORKDIR /app
ENV PATH=/opt/tenon/bin:$PATH PYTHONPATH=/app/platform:/app
RUN env ALLOWED_HOSTS=localhost DATABASE_ROLE_SECRET=build REDIS_URL=redis://build \
        DATABASE_URL=postgresql://build@build/build EMAIL_URL=smtp://build SECRET_KEY=build \
        FIELD_ENCRYPTION_KEYS=build SIGNING_KEYS=build AUDIT_SIGNING_KEYS=build \
        python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q platform domains

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin tenon \
    && install --directory --owner=tenon --mode=0700 /data
COPY --from=build /opt/tenon /opt/tenon
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/tenon/bin:$PATH PYTHONPATH=/app/platform:/app PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings DATA_DIR=/data MALLOC_ARENA_MAX=2 \
    HOST=0.0.0.0 PORT=8000 PROCESS=all
USER 10001
EXPOSE 8000
VOLUME /data
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s --retries=3 \
    CMD ["python", "deploy/healthcheck.py"]
ENTRYPOINT ["deploy/entrypoint"]
CMD ["start"]
