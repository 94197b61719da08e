#!/usr/bin/env bash
# npm run demo | npm test | npm run reproduce | npm run package: set up, build, run. Arguments after `--` reach the program.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=scripts/setup.sh
source scripts/setup.sh || exit 1
task=$1
shift
case "$task" in
  demo | reproduce) node scripts/build.mjs --quiet && exec node dist/cli.js "$task" "$@" ;;
  test) ecg_setup_editor && exec node scripts/test.mjs all "$@" ;;
  package) exec node scripts/package.mjs "$@" ;;
  *) echo "with-setup.sh: unknown task $task" >&2; exit 2 ;;
esac
exit 1
