#!/usr/bin/env bash
# Installs what is missing, builds, and runs fairfight: ./run.sh is ./run.sh demo --quick; other arguments go to fairfight.
# TORCH_DIR=.../site-packages/torch ./run.sh does so with that libtorch instead of Debian's, apart, in build/release-torch.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
"$here/tools/build.sh" KEEP >&2
[ $# -gt 0 ] || set -- demo --quick
exec "$here/build/release${TORCH_DIR:+-torch}/fairfight" "$@"
