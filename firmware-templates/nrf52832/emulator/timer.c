#include "timer.h"

#include "link.h"

/* CMSDK APB timer 0 of the MPS2 board (Arm DDI 0479): counts down. */
#define TIMER_CTRL (*(volatile uint32_t *)0x40000000)
#define TIMER_VALUE (*(volatile uint32_t *)0x40000004)
#define TIMER_RELOAD (*(volatile uint32_t *)0x40000008)

void timer_start(void) {
  TIMER_CTRL = 0;
  TIMER_RELOAD = 0xFFFFFFFFu;
  TIMER_VALUE = 0xFFFFFFFFu;
  TIMER_CTRL = 1;
}

uint32_t link_port_ticks(void) { return ~TIMER_VALUE; }
