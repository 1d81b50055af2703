/* daemon/notify.h - tells the service manager how things are, over $NOTIFY_SOCKET. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

/* state: "READY=1", "STOPPING=1", ...  Does nothing when nobody asked.  0 or -errno. */
int notify_send(const char *state);

#endif
