// node board-process.ts RUN FOLDER [damaged]: prints the port that the board is behind, and stops when its input ends.
// For tests in a process of VS Code, whose bundle has not what the board is made with.
import { BoardAtPort } from './board-at-port.ts';

const [run, folder, state] = process.argv.slice(2);
const board = await BoardAtPort.start(run, folder);
if (state === 'damaged') board.damage();
console.log(board.port);
process.stdin.resume();
process.stdin.once('end', () => {
  board.stop();
  process.exit(0);
});
