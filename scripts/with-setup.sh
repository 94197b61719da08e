#!/usr/bin/env bash
# npm run demo | npm test | npm run reproduce: set up, build, run. Arguments after `--` reach the program.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=scripts/setup.sh
source scripts/setup.sh || exit 1
task=$1
shift
case "$task" in
  demo | reproduce) node scripts/build.mjs --quiet && exec node dist/cli.js "$task" "$@" ;;
  test) exec node scripts/test.mjs all "$@" ;;
  *) echo "with-setup.sh: unknown task $task" >&2; exit 2 ;;
esac
exit 1
