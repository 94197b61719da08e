#include "serial.h"

#include "board_config.h"
#include "nrf.h"

/* Powers of two. What is sent a second: 488 samples of 2 bytes with their frames, about 1.1 kB. */
#define SEND 1024u
#define RECEIVE 256u

/* The UARTE reads and writes RAM only. */
static uint8_t sending[SEND];
static uint8_t arriving[2];
static uint8_t received[RECEIVE];

/* Bytes that were queued, given to the UARTE, and sent, since the start. */
static volatile uint32_t queued, sent;
static volatile uint32_t given;
/* Bytes that have come in and were read; receptions that were begun. */
static volatile uint32_t came, begun;
static uint32_t read_count;

/* Give the UARTE what is queued, up to the end of the ring and at most what MAXCNT holds. Interrupts are masked. */
static void send_next(void) {
  if (given != sent || queued == sent) return;
  const uint32_t at = sent % SEND;
  uint32_t count = queued - sent;
  if (count > SEND - at) count = SEND - at;
  if (count > UARTE_MOST_BYTES) count = UARTE_MOST_BYTES;
  given = sent + count;
  nrf_write(UARTE_TXD_PTR, (uint32_t)(uintptr_t)(sending + at));
  nrf_write(UARTE_TXD_MAXCNT, count);
  nrf_write(UARTE_TASKS_STARTTX, 1);
}

void serial_start(void) {
  nrf_write(UARTE_PSEL_TXD, ECG_BOARD_PIN_TXD);
  nrf_write(UARTE_PSEL_RXD, ECG_BOARD_PIN_RXD);
  nrf_write(UARTE_PSEL_RTS, PSEL_NONE);
  nrf_write(UARTE_PSEL_CTS, PSEL_NONE);
  nrf_write(UARTE_CONFIG, 0); /* 8N1, no flow control */
  nrf_write(UARTE_BAUDRATE, ECG_BOARD_BAUDRATE);
  nrf_write(UARTE_ENABLE, UARTE_ENABLE_ENABLED);
  queued = sent = given = came = begun = read_count = 0;
  /* RXD.PTR is read at STARTRX, and the short starts the next reception at the end of one. */
  nrf_write(UARTE_RXD_PTR, (uint32_t)(uintptr_t)&arriving[0]);
  nrf_write(UARTE_RXD_MAXCNT, 1);
  nrf_write(UARTE_SHORTS, UARTE_SHORTS_ENDRX_STARTRX);
  nrf_write(UARTE_INTENSET, UARTE_INT_ENDRX | UARTE_INT_ENDTX | UARTE_INT_ERROR | UARTE_INT_RXSTARTED);
  nrf_write(NVIC_ISER0, 1u << UARTE_IRQ);
  nrf_write(UARTE_TASKS_STARTRX, 1);
}

void serial_interrupt(void) {
  if (nrf_take_event(UARTE_EVENTS_ENDRX)) {
    /* A full ring drops the newest byte: the frame's CRC tells. */
    if (came - read_count < RECEIVE) {
      received[came % RECEIVE] = arriving[(begun - 1u) % 2u];
      came++;
    }
  }
  if (nrf_take_event(UARTE_EVENTS_RXSTARTED)) {
    begun++;
    nrf_write(UARTE_RXD_PTR, (uint32_t)(uintptr_t)&arriving[begun % 2u]);
  }
  /* Framing, parity, break, overrun: each bit is cleared by writing it back. */
  if (nrf_take_event(UARTE_EVENTS_ERROR)) nrf_write(UARTE_ERRORSRC, nrf_read(UARTE_ERRORSRC));
  if (nrf_take_event(UARTE_EVENTS_ENDTX)) {
    sent = given;
    send_next();
  }
}

size_t serial_room(void) { return SEND - (queued - sent); }

int serial_write(const uint8_t *bytes, size_t count) {
  if (count > serial_room()) return 0;
  for (size_t i = 0; i < count; i++) sending[(queued + i) % SEND] = bytes[i];
  nrf_mask_interrupts();
  queued += (uint32_t)count;
  send_next();
  nrf_unmask_interrupts();
  return 1;
}

int serial_read(void) {
  if (came == read_count) return -1;
  return received[read_count++ % RECEIVE];
}

int serial_pending(void) { return came != read_count; }
