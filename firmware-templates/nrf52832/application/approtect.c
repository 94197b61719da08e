#include "approtect.h"

#include <stdint.h>

/*
 * Sources: Nordic's device files nrf52.h (NRF_APPROTECT at 0x40000000, DISABLE at 0x558), nrf52_bitfields.h (SwDisable and
 * HwDisabled are 0x5A) and nrf52_erratas.h (configuration 249, "hardened APPROTECT": of the nRF52832 from variant 7 on, by
 * the two words of FICR below); nRF52832 Product Specification 1.8, "Access port protection" and UICR.APPROTECT.
 */
#define APPROTECT_DISABLE (*(volatile uint32_t *)0x40000558)
#define DISABLED 0x5Au
#define UICR_APPROTECT (*(volatile uint32_t *)0x10001208)
#define ERASED 0xFFFFFFFFu

#define FICR_FAMILY (*(volatile const uint32_t *)0x10000130)
#define FICR_VARIANT (*(volatile const uint32_t *)0x10000134)
#define FAMILY_NRF52832 6u
#define FIRST_HARDENED_VARIANT 7u

#define NVMC_READY (*(volatile const uint32_t *)0x4001E400)
#define NVMC_CONFIG (*(volatile uint32_t *)0x4001E504)
#define NVMC_CONFIG_READ 0u
#define NVMC_CONFIG_WRITE 1u

/* ARMv7-M Architecture Reference Manual, B3.2.6. */
#define SCB_AIRCR (*(volatile uint32_t *)0xE000ED0C)
#define SCB_AIRCR_SYSRESETREQ 0x05FA0004u

static void write_uicr(volatile uint32_t *address, uint32_t value) {
  NVMC_CONFIG = NVMC_CONFIG_WRITE;
  while (!NVMC_READY) {}
  *address = value;
  while (!NVMC_READY) {}
  NVMC_CONFIG = NVMC_CONFIG_READ;
}

void keep_debug_port_open(void) {
  /* On older silicon any value of UICR.APPROTECT other than 0xFF would lock the port instead. */
  if (FICR_FAMILY != FAMILY_NRF52832 || FICR_VARIANT < FIRST_HARDENED_VARIANT) return;
  /* Only where nobody has decided: a chip that was locked on purpose stays so. */
  if (UICR_APPROTECT == ERASED) {
    write_uicr(&UICR_APPROTECT, 0xFFFFFF00u | DISABLED);
    SCB_AIRCR = SCB_AIRCR_SYSRESETREQ; /* UICR is read at reset */
    for (;;) {}
  }
  if ((UICR_APPROTECT & 0xFFu) == DISABLED) APPROTECT_DISABLE = DISABLED;
}
