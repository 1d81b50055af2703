/* clients/nudgectl/top_keys.h - what a key does: to the view, or as a request. */
#ifndef CLIENTS_NUDGECTL_TOP_KEYS_H
#define CLIENTS_NUDGECTL_TOP_KEYS_H

#include "clients/nudgectl/top_view.h"

/* Keys that are no character; characters are themselves */
enum top_key {
	TOP_KEY_UP = 0x110000,
	TOP_KEY_DOWN,
	TOP_KEY_LEFT,
	TOP_KEY_RIGHT,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_BACK_TAB,
	TOP_KEY_BACKSPACE,
};

struct top_request {
	const char *method; /* NULL: nothing is asked of the server */
	json_t *params;     /* the taker's */
	bool quit, redraw;
};

void top_press(struct top_view *v, const struct top_model *m, int key, struct top_request *ret);

/* "eta=0.1 p=0.5" as an object; NULL and a sentence in why. */
json_t *top_read_params(const char *text, char *why, size_t size);

void top_say(struct top_view *v, enum top_style style, double now_s, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
