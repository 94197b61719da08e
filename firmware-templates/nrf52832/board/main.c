/*
 * The board image until there is an application around the network: it serves the mailbox, so that a debugger can replay
 * windows over SWD and compare the logits with the host's.
 */
#include "approtect.h"
#include "mailbox.h"

/* ARMv7-M Architecture Reference Manual, C1.6.5 and C1.8: the cycle counter. */
#define DEMCR (*(volatile uint32_t *)0xE000EDFC)
#define DEMCR_TRCENA (1u << 24)
#define DWT_CTRL (*(volatile uint32_t *)0xE0001000)
#define DWT_CTRL_CYCCNTENA 1u
#define DWT_CYCCNT (*(volatile uint32_t *)0xE0001004)

/* nRF52832 Product Specification, NVMC: the cache of instructions from flash, off after a reset. */
#define NVMC_ICACHECNF (*(volatile uint32_t *)0x4001E540)
#define NVMC_ICACHECNF_CACHEEN 1u

ecg_mailbox_t ecg_mailbox;

static void reset(void) {
  ecg_network_reset(&ecg_model, ecg_model_memory);
#if ECG_MODEL_FRONT_END
  ecg_frontend_reset(&ecg_model_front_end, &ecg_model_front_end_state);
#endif
  ecg_mailbox.windows = 0;
}

static void run_window(void) {
  ecg_network_run_window(&ecg_model, ecg_model_memory, ecg_mailbox.window, NULL, NULL);
  const int16_t *logits = (const int16_t *)(ecg_model_memory + ecg_model.logits.offset);
  for (uint32_t i = 0; i < ECG_MODEL_CLASSES; i++) ecg_mailbox.logits[i] = logits[i];
  ecg_mailbox.windows++;
}

static uint32_t push_samples(void) {
#if ECG_MODEL_FRONT_END
  const uint32_t count = ecg_mailbox.sample_count < MAILBOX_SAMPLES ? ecg_mailbox.sample_count : MAILBOX_SAMPLES;
  ecg_mailbox.filtered_count = (uint32_t)ecg_frontend_push(&ecg_model_front_end, &ecg_model_front_end_state,
                                                           ecg_mailbox.samples, (int32_t)count, ecg_mailbox.filtered);
  return MAILBOX_DONE;
#else
  return MAILBOX_NO_FRONT_END;
#endif
}

static uint32_t serve(uint32_t command) {
  switch (command) {
    case MAILBOX_RESET: reset(); return MAILBOX_DONE;
    case MAILBOX_RUN_WINDOW: run_window(); return MAILBOX_DONE;
    case MAILBOX_PUSH_SAMPLES: return push_samples();
    default: return MAILBOX_UNKNOWN_COMMAND;
  }
}

static void publish_mailbox(void) {
  ecg_mailbox.version = MAILBOX_VERSION;
  for (uint32_t i = 0; i < sizeof ecg_mailbox.hash; i++) ecg_mailbox.hash[i] = ecg_model.hash[i];
  ecg_mailbox.window_samples = ECG_MODEL_WINDOW;
  ecg_mailbox.logit_count = ECG_MODEL_CLASSES;
  __asm volatile("dmb" ::: "memory");
  *(volatile uint32_t *)&ecg_mailbox.magic = MAILBOX_MAGIC;
}

int main(void) {
  keep_debug_port_open();
  NVMC_ICACHECNF = NVMC_ICACHECNF_CACHEEN;
  DEMCR |= DEMCR_TRCENA;
  DWT_CYCCNT = 0;
  DWT_CTRL |= DWT_CTRL_CYCCNTENA;
  reset();
  publish_mailbox();
  for (;;) {
    /* No sleep: a write by the debugger wakes no core that waits for an event. */
    const uint32_t command = ecg_mailbox.command;
    if (command == MAILBOX_NONE) continue;
    __asm volatile("dmb" ::: "memory");
    const uint32_t start = DWT_CYCCNT;
    const uint32_t status = serve(command);
    ecg_mailbox.cycles = DWT_CYCCNT - start;
    ecg_mailbox.status = status;
    __asm volatile("dmb" ::: "memory");
    ecg_mailbox.command = MAILBOX_NONE;
  }
}
