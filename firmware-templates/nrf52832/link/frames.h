/*
 * Frames between a host and the device, over UART, RTT and in the emulator, little-endian:
 *
 *   0xEC 0x67 | type u8 | sequence u8 | length u16 | payload [length] | CRC-32 of type to payload
 *
 * A receiver looks for the two first bytes, takes `length` (at most ECG_FRAME_MOST), compares the CRC, and where it differs
 * goes on looking behind the two bytes. `sequence` counts the frames of a side: a gap tells how many were lost.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <stddef.h>
#include <stdint.h>

#define ECG_FRAME_VERSION 2u
#define ECG_FRAME_MOST 192u    /* bytes of a payload */
#define ECG_FRAME_OVERHEAD 10u /* of everything else */

enum {
  /* From the device. */
  ECG_FRAME_HELLO = 1,    /* at the start and when asked: version u8, classes u8, blocks u16, ADC rate as u32 numerator and u32
                             denominator in Hz, decimation u16 (0: no front end), window u16, hop u16, 0 u16, ticks a second u32
                             (of COST), reset cause u32, SHA-256 of the network [32] */
  ECG_FRAME_SAMPLES = 2,  /* index of the first sample u32, ADC samples int16 [] */
  ECG_FRAME_RESULT = 3,   /* window u32, last sample of it u32, class u8, 0 u8, logits int16 [classes], probabilities u16 [classes] in
                             1/65535 */
  ECG_FRAME_STATUS = 4,   /* lost sample blocks u32, frames that did not fit u32, damaged frames received u32 */
  ECG_FRAME_TAKEN = 5,    /* answer to REPLAY: samples taken since START u32 */
  /* Answers to WINDOW, in this order. */
  ECG_FRAME_OUTPUT = 6,   /* where asked for: block u16, 0 u16, first byte u32, bytes [] of the block's output, [channel][position] */
  ECG_FRAME_STATE = 7,    /* window u32, first byte u32, bytes [] of the recurrent state after the window */
  ECG_FRAME_COST = 8,     /* window u32, ticks u32, bytes of stack u32, first block u16, 0 u16; where outputs were asked for, ticks
                             u32 [] of blocks */
  ECG_FRAME_LOGITS = 9,   /* window since START u32, logits int16 [classes] */
  /* Answer to FILTER. */
  ECG_FRAME_FILTERED = 10, /* most ticks that one output took u32, outputs int8 [] */
  ECG_FRAME_REFUSED = 11,  /* type u8: a frame whose content does not fit this network */
  /* To the device. */
  ECG_FRAME_ASK = 0x81,    /* send HELLO */
  ECG_FRAME_START = 0x82,  /* no ADC from here, all state cleared; answered by HELLO. A record begins so. */
  ECG_FRAME_REPLAY = 0x83, /* ADC samples int16 []; the next one may be sent when TAKEN has come */
  ECG_FRAME_LIVE = 0x84,   /* the ADC again, all state cleared; answered by HELLO */
  ECG_FRAME_WINDOW = 0x85, /* outputs are asked for u8 (0 or 1), 0 u8, first sample u16, samples int8 []: part of a window of the
                              network. It is run when its last sample is there; the next one may be sent when LOGITS has come. */
  ECG_FRAME_FILTER = 0x86  /* ADC samples int16 [], through the front end alone; the next one may be sent when FILTERED has come */
};

/* Write a frame; returns its bytes. `frame` has room for length + ECG_FRAME_OVERHEAD. */
size_t frame_write(uint8_t *frame, uint8_t type, uint8_t sequence, const void *payload, size_t length);

typedef struct frame_reader {
  uint8_t bytes[ECG_FRAME_MOST + ECG_FRAME_OVERHEAD];
  size_t count;
  size_t done; /* bytes of a frame that was given out */
  uint32_t damaged; /* frames whose length or CRC was wrong */
} frame_reader;

typedef struct frame {
  uint8_t type;
  uint8_t sequence;
  uint16_t length;
  const uint8_t *payload; /* valid until the next byte is taken */
} frame;

/* Take one byte. Returns 1 where it completes a frame. */
int frame_take(frame_reader *reader, uint8_t byte, frame *out);

static inline void put16(uint8_t *to, uint32_t value) {
  to[0] = (uint8_t)value;
  to[1] = (uint8_t)(value >> 8);
}

static inline void put32(uint8_t *to, uint32_t value) {
  put16(to, value);
  put16(to + 2, value >> 16);
}

#endif
