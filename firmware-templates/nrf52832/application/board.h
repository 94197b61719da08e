/* The peripherals and the application joined: start, one round of the main loop, and whether there is anything to do. */
#ifndef BOARD_H
#define BOARD_H

void board_start(void);
void board_poll(void);
int board_pending(void);

#endif
