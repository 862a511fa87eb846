# syntax=docker/dockerfile:1
# The image of room-server: built on Swift's own image, run on a slim Debian of the same release, so that the C
# libraries it was linked to are the ones it finds.

FROM swift:6.3-bookworm AS build
WORKDIR /src
COPY deploy/packages deploy/packages
RUN deploy/packages
COPY . .
RUN swift build -c release --product room-server --static-swift-stdlib \
 && install -D -s "$(swift build -c release --show-bin-path --static-swift-stdlib)/room-server" /out/room-server

FROM debian:bookworm-slim
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      ca-certificates libcurl4 libhiredis0.14 libpq5 libsqlite3-0 libssl3 libstdc++6 zlib1g \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin rooms \
 && install -d -o rooms -g rooms -m 0700 /data
COPY --from=build /out/room-server /usr/local/bin/room-server

# Nothing is written outside /data: the root filesystem may be read-only.
ENV SLEAP_ROOMS_DATA_DIR=/data SLEAP_ROOMS_LISTEN=0.0.0.0:8080
VOLUME /data
USER rooms
EXPOSE 8080
# SIGTERM drains; whoever stops the container must wait for the drain time and some seconds more.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --start-interval=1s --retries=3 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["room-server"]
CMD ["serve"]
