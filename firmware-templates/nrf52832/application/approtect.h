/*
 * Keeps the debug port usable on hardened silicon (build code G0 and later), where the access port is closed after every
 * reset unless both UICR.APPROTECT says "hardware disabled" and the firmware opens its side. A product that ships locked
 * leaves this out.
 */
#ifndef APPROTECT_H
#define APPROTECT_H

/* Call first in main. Where UICR is still erased it is written once, and the chip resets. */
void keep_debug_port_open(void);

#endif
