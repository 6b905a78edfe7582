#!/usr/bin/env bash
# Usage: tools/build.sh ON|KEEP - installs the packages that are missing and builds into build/release, with the tests (ON) or
# as the folder was configured before (KEEP; without the tests in a fresh clone).
# TORCH_DIR names another libtorch than Debian's, for which it builds into build/release-torch: the folder of pip's torch
# (.../site-packages/torch) or libtorch as pytorch.org zips it, for the CPU, with the C++11 ABI (pip's has it from 2.6 on).
set -euo pipefail

packages=(cmake ninja-build g++ libcli11-dev nlohmann-json3-dev libtomlplusplus-dev libfmt-dev libssl-dev libicu-dev libpcre2-dev libjemalloc-dev pkg-config
  libboost-dev libgtest-dev libgmock-dev)
preset=release
if [ -n "${TORCH_DIR:-}" ]; then
  config=$TORCH_DIR/share/cmake/Torch/TorchConfig.cmake
  if [ ! -f "$config" ] || grep -q _GLIBCXX_USE_CXX11_ABI=0 "$config"; then
    echo "fairfight: [TORCH_DIR] got $TORCH_DIR, expected a libtorch with the C++11 ABI, such as .../site-packages/torch of pip's torch 2.6 or newer" >&2
    exit 2
  fi
  TORCH_DIR=$(cd "$TORCH_DIR" && pwd)
  export TORCH_DIR  # the preset reads it
  preset=release-torch
else
  packages+=(libtorch-dev libopenblas0-openmp)
fi
cd "$(dirname "$0")/.."

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

build=build/$preset
if [ -n "${TORCH_DIR:-}" ] && ! grep -qsxF "CMAKE_PREFIX_PATH:UNINITIALIZED=$TORCH_DIR" $build/CMakeCache.txt; then
  rm -f $build/CMakeCache.txt $build/build.ninja  # it was another libtorch
fi
if [ "$1" = ON ] || [ ! -f $build/build.ninja ]; then
  cmake --preset $preset -DFAIRFIGHT_TESTS="$([ "$1" = ON ] && echo ON || echo OFF)" >/dev/null
fi
# Every build looks at the globs and at the commit first, which is no news; all else is shown as it comes. The status is cmake's.
cmake --build --preset $preset |
  { grep --line-buffered -avE '^\[[0-9]+/[0-9]+\] (Re-checking globbed directories|Looking up the commit)|^ninja: no work to do' || true; }
