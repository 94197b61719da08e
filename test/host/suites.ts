// In this order: each suite works on what those before it have made, as a user would.
import './suites/activation.ts';
import './suites/datasets.ts';
import './suites/records.ts';
import './suites/files.ts';
import './suites/statistics.ts';
import './suites/language.ts';
import './suites/training.ts';
import './suites/engine.ts';
import './suites/evaluation.ts';
import './suites/firmware.ts';
import './suites/flash.ts';
import './suites/board.ts';
import './suites/debug.ts';
import './suites/bad-input.ts';
