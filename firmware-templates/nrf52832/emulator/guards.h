/*
 * QEMU's board has more memory than the nRF52832 and lets programs write to flash. The memory protection unit puts the
 * real limits back: a store to flash, or any access past 64 kB of RAM, faults.
 */
#ifndef GUARDS_H
#define GUARDS_H

void guard_memory(void);

#endif
