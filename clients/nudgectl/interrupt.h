/* clients/nudgectl/interrupt.h - Ctrl-C as something to ask for, not as an end. */
#ifndef CLIENTS_NUDGECTL_INTERRUPT_H
#define CLIENTS_NUDGECTL_INTERRUPT_H

#include <stdbool.h>

int interrupt_open(void);     /* from now on SIGINT waits to be taken: a descriptor, or -errno */
bool interrupt_take(int fd);  /* one came since the last question; does not block */
void interrupt_close(int fd); /* SIGINT ends the program again */

#endif
