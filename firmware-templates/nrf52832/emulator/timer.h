#ifndef TIMER_H
#define TIMER_H

#include <stdint.h>

/* Of the board's timer: at one instruction in 64 ns (-icount shift=6) a tick is 5/8 of one. */
#define TIMER_HZ 25000000u

void timer_start(void);

#endif
