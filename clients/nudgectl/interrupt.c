/* clients/nudgectl/interrupt.c - SIGINT through a descriptor. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clients/nudgectl/interrupt.h"

static void only_interrupt(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
}

int interrupt_open(void)
{
	sigset_t set;
	int fd;

	only_interrupt(&set);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

bool interrupt_take(int fd)
{
	struct signalfd_siginfo info;

	return read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info);
}

void interrupt_close(int fd)
{
	sigset_t set;

	close(fd);
	only_interrupt(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
