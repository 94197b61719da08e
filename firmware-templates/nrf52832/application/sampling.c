#include "sampling.h"

#include <stddef.h>

#include "nrf.h"

enum { PPI_TIMER_TO_SAMPLE = 0, PPI_END_TO_START = 1 };

/* Written by the SAADC. While one is filled and one is worked on, the third gives the main loop a block's time to spare. */
#define BUFFERS 3u
static int16_t buffers[BUFFERS][ECG_BOARD_BLOCK];

/* Blocks that were begun, completed and released, since the start; block n is in buffer n % BUFFERS. */
static volatile uint32_t begun, completed;
static uint32_t released;
static volatile uint32_t lost;

static uint32_t address_of(uint32_t block) { return (uint32_t)(uintptr_t)buffers[block % BUFFERS]; }

static void connect(uint32_t channel, uint32_t event, uint32_t task) {
  nrf_write(PPI_CH_EEP(channel), event);
  nrf_write(PPI_CH_TEP(channel), task);
}

void sampling_start(void) {
  /* The crystal: the internal oscillator is off by up to 1.5 %, which would be another heart rate. */
  nrf_write(CLOCK_EVENTS_HFCLKSTARTED, 0);
  nrf_write(CLOCK_TASKS_HFCLKSTART, 1);
  while (!nrf_take_event(CLOCK_EVENTS_HFCLKSTARTED)) {}

  nrf_write(SAADC_RESOLUTION, SAADC_RESOLUTION_14BIT);
  nrf_write(SAADC_OVERSAMPLE, 0);
  nrf_write(SAADC_SAMPLERATE, 0); /* by the SAMPLE task */
  nrf_write(SAADC_CH0_CONFIG, ECG_BOARD_ADC_CONFIG);
  nrf_write(SAADC_CH0_PSELP, ECG_BOARD_ADC_POSITIVE);
  nrf_write(SAADC_CH0_PSELN, ECG_BOARD_ADC_NEGATIVE);
  nrf_write(SAADC_ENABLE, 1);

  /* Before the first START only (anomaly 237). */
  nrf_write(SAADC_EVENTS_CALIBRATEDONE, 0);
  nrf_write(SAADC_TASKS_CALIBRATEOFFSET, 1);
  while (!nrf_take_event(SAADC_EVENTS_CALIBRATEDONE)) {}

  nrf_write(TIMER1_TASKS_STOP, 1);
  nrf_write(TIMER1_TASKS_CLEAR, 1);
  nrf_write(TIMER1_MODE, 0);
  nrf_write(TIMER1_BITMODE, TIMER1_BITMODE_32);
  nrf_write(TIMER1_PRESCALER, 0); /* 16 MHz */
  nrf_write(TIMER1_CC0, ECG_BOARD_TIMER_TICKS);
  nrf_write(TIMER1_SHORTS, TIMER1_SHORTS_COMPARE0_CLEAR);

  connect(PPI_TIMER_TO_SAMPLE, TIMER1_EVENTS_COMPARE0, SAADC_TASKS_SAMPLE);
  connect(PPI_END_TO_START, SAADC_EVENTS_END, SAADC_TASKS_START);
  nrf_write(PPI_CHENSET, (1u << PPI_TIMER_TO_SAMPLE) | (1u << PPI_END_TO_START));

  begun = completed = released = lost = 0;
  nrf_write(SAADC_EVENTS_STARTED, 0);
  nrf_write(SAADC_EVENTS_END, 0);
  nrf_write(SAADC_RESULT_PTR, address_of(0));
  nrf_write(SAADC_RESULT_MAXCNT, ECG_BOARD_BLOCK);
  nrf_write(SAADC_INTEN, SAADC_INT_STARTED | SAADC_INT_END);
  nrf_write(NVIC_ISER0, 1u << SAADC_IRQ);
  nrf_write(SAADC_TASKS_START, 1);
  nrf_write(TIMER1_TASKS_START, 1);
}

void sampling_interrupt(void) {
  /* The order matters: where both are pending, the block that has ended came before the one that has begun. */
  if (nrf_take_event(SAADC_EVENTS_END)) completed++;
  if (nrf_take_event(SAADC_EVENTS_STARTED)) {
    begun++;
    /* RESULT.PTR is read at START: this is for the block after the one that has just begun. */
    nrf_write(SAADC_RESULT_PTR, address_of(begun));
  }
}

const int16_t *sampling_block(void) {
  const uint32_t done = completed;
  if (done == released) return NULL;
  /* The converter is filling block `done`: what is BUFFERS before it and older is overwritten. */
  if (done - released >= BUFFERS) {
    const uint32_t oldest = done - (BUFFERS - 1u);
    lost += oldest - released;
    released = oldest;
  }
  return buffers[released % BUFFERS];
}

void sampling_release(void) {
  /* It took so long that the converter has come round again: what was read may be of two blocks. */
  if (completed - released >= BUFFERS) lost++;
  released++;
}

int sampling_pending(void) { return completed != released; }

uint32_t sampling_lost_blocks(void) { return lost; }
