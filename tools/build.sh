#!/usr/bin/env bash
# Usage: tools/build.sh ON|KEEP - installs the packages that are missing and builds into build/release, with the tests (ON) or
# as the folder was configured before (KEEP; without the tests in a fresh clone).
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(cmake ninja-build g++ libtorch-dev libopenblas0-openmp libcli11-dev nlohmann-json3-dev libtomlplusplus-dev libfmt-dev
  libssl-dev libicu-dev libpcre2-dev pkg-config libboost-dev libgtest-dev libgmock-dev)

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "fairfight: this platform has no apt; install what these Debian packages hold, then build with CMake: ${packages[*]}" >&2
  exit 2
fi
missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}"
  root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "fairfight: run as root, or install: ${missing[*]}" >&2; exit 2; }
    root=(sudo)
  fi
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
fi

tests=()
if [ "$1" = ON ] || [ ! -f build/release/build.ninja ]; then
  tests=(-DFAIRFIGHT_TESTS="$([ "$1" = ON ] && echo ON || echo OFF)")
  cmake --preset release "${tests[@]}" >/dev/null
fi
cmake --build --preset release
