#!/usr/bin/env bash
# Installs what is missing, builds, and runs all tests; ends with ctest's summary.
set -euo pipefail
cd "$(dirname "$0")"
tools/build.sh ON
cd build/release && exec ctest -j 2 --output-on-failure
