/*
 * The registers of the nRF52832 that the application uses, by the names of its Product Specification 1.8, and the two ways to
 * reach one. Tests compile the board layer with ECG_REGISTER_MODEL: then both ways lead to a model of the peripherals.
 */
#ifndef NRF_H
#define NRF_H

#include <stdint.h>

#ifdef ECG_REGISTER_MODEL
__attribute__((import_module("nrf"), import_name("read"))) uint32_t nrf_read(uint32_t address);
__attribute__((import_module("nrf"), import_name("write"))) void nrf_write(uint32_t address, uint32_t value);
__attribute__((import_module("nrf"), import_name("sleep"))) void nrf_sleep(void);
static inline void nrf_mask_interrupts(void) {}
static inline void nrf_unmask_interrupts(void) {}
#else
static inline uint32_t nrf_read(uint32_t address) { return *(volatile uint32_t *)address; }
static inline void nrf_write(uint32_t address, uint32_t value) { *(volatile uint32_t *)address = value; }
/* Until an interrupt is pending; with interrupts masked it wakes as well, and they are served once they are not. */
static inline void nrf_sleep(void) { __asm volatile("dsb\n wfi" ::: "memory"); }
static inline void nrf_mask_interrupts(void) { __asm volatile("cpsid i" ::: "memory"); }
static inline void nrf_unmask_interrupts(void) { __asm volatile("cpsie i\n isb" ::: "memory"); }
#endif

/* An event stays set until it is cleared; reading it back makes sure that the write is done before an interrupt returns. */
static inline int nrf_take_event(uint32_t address) {
  if (nrf_read(address) == 0) return 0;
  nrf_write(address, 0);
  (void)nrf_read(address);
  return 1;
}

#define CLOCK_TASKS_HFCLKSTART 0x40000000u
#define CLOCK_EVENTS_HFCLKSTARTED 0x40000100u

#define POWER_RESETREAS 0x40000400u
#define POWER_DCDCEN 0x40000578u

#define UARTE_TASKS_STARTRX 0x40002000u
#define UARTE_TASKS_STARTTX 0x40002008u
#define UARTE_EVENTS_ENDRX 0x40002110u
#define UARTE_EVENTS_ENDTX 0x40002120u
#define UARTE_EVENTS_ERROR 0x40002124u
#define UARTE_EVENTS_RXSTARTED 0x4000214Cu
#define UARTE_SHORTS 0x40002200u
#define UARTE_SHORTS_ENDRX_STARTRX (1u << 5)
#define UARTE_INTENSET 0x40002304u
#define UARTE_INT_ENDRX (1u << 4)
#define UARTE_INT_ENDTX (1u << 8)
#define UARTE_INT_ERROR (1u << 9)
#define UARTE_INT_RXSTARTED (1u << 19)
#define UARTE_ERRORSRC 0x40002480u
#define UARTE_ENABLE 0x40002500u
#define UARTE_ENABLE_ENABLED 8u
#define UARTE_PSEL_RTS 0x40002508u
#define UARTE_PSEL_TXD 0x4000250Cu
#define UARTE_PSEL_CTS 0x40002510u
#define UARTE_PSEL_RXD 0x40002514u
#define UARTE_BAUDRATE 0x40002524u
#define UARTE_RXD_PTR 0x40002534u
#define UARTE_RXD_MAXCNT 0x40002538u
#define UARTE_TXD_PTR 0x40002544u
#define UARTE_TXD_MAXCNT 0x40002548u
#define UARTE_CONFIG 0x4000256Cu
#define UARTE_MOST_BYTES 255u /* MAXCNT has 8 bits */
#define PSEL_NONE 0xFFFFFFFFu
#define UARTE_IRQ 2u

#define SAADC_TASKS_START 0x40007000u
#define SAADC_TASKS_SAMPLE 0x40007004u
#define SAADC_TASKS_CALIBRATEOFFSET 0x4000700Cu
#define SAADC_EVENTS_STARTED 0x40007100u
#define SAADC_EVENTS_END 0x40007104u
#define SAADC_EVENTS_CALIBRATEDONE 0x40007110u
#define SAADC_INTEN 0x40007300u
#define SAADC_INT_STARTED (1u << 0)
#define SAADC_INT_END (1u << 1)
#define SAADC_ENABLE 0x40007500u
#define SAADC_CH0_PSELP 0x40007510u
#define SAADC_CH0_PSELN 0x40007514u
#define SAADC_CH0_CONFIG 0x40007518u
#define SAADC_RESOLUTION 0x400075F0u
#define SAADC_RESOLUTION_14BIT 3u
#define SAADC_OVERSAMPLE 0x400075F4u
#define SAADC_SAMPLERATE 0x400075F8u
#define SAADC_RESULT_PTR 0x4000762Cu
#define SAADC_RESULT_MAXCNT 0x40007630u
#define SAADC_IRQ 7u

#define TIMER1_TASKS_START 0x40009000u
#define TIMER1_TASKS_STOP 0x40009004u
#define TIMER1_TASKS_CLEAR 0x4000900Cu
#define TIMER1_EVENTS_COMPARE0 0x40009140u
#define TIMER1_SHORTS 0x40009200u
#define TIMER1_SHORTS_COMPARE0_CLEAR 1u
#define TIMER1_MODE 0x40009504u
#define TIMER1_BITMODE 0x40009508u
#define TIMER1_BITMODE_32 3u
#define TIMER1_PRESCALER 0x40009510u
#define TIMER1_CC0 0x40009540u

#define WDT_TASKS_START 0x40010000u
#define WDT_RUNSTATUS 0x40010400u
#define WDT_CRV 0x40010504u
#define WDT_RREN 0x40010508u
#define WDT_CONFIG 0x4001050Cu
#define WDT_CONFIG_SLEEP_RUN 1u /* and paused while a debugger halts the core */
#define WDT_RR0 0x40010600u
#define WDT_RR_RELOAD 0x6E524635u

#define PPI_CHENSET 0x4001F504u
#define PPI_CH_EEP(channel) (0x4001F510u + 8u * (channel))
#define PPI_CH_TEP(channel) (0x4001F514u + 8u * (channel))

/* ARMv7-M Architecture Reference Manual, B3.4. */
#define NVIC_ISER0 0xE000E100u

/* The same, C1.6.5 and C1.8: the counter of cycles. */
#define DEMCR 0xE000EDFCu
#define DEMCR_TRCENA (1u << 24)
#define DWT_CTRL 0xE0001000u
#define DWT_CTRL_CYCCNTENA 1u
#define DWT_CYCCNT 0xE0001004u

#endif
