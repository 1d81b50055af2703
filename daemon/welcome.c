/* daemon/welcome.c - the welcomes that are said again. */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "daemon/welcome.h"

#define PREFIX "welcome."

bool welcome_topic(const char *topic, size_t n)
{
	const size_t before = strlen(PREFIX);

	if (n < before + 2 || n > before + 65 || memcmp(topic, PREFIX, before) != 0 ||
	    topic[n - 1] != '.')
		return false;
	for (size_t i = before; i < n - 1; i++)
		if (!isalnum((unsigned char)topic[i]) && topic[i] != '-' && topic[i] != '_')
			return false;
	return true;
}

static bool is(const struct welcome *w, const char *topic, size_t n)
{
	return w->left > 0 && strlen(w->topic) == n && memcmp(w->topic, topic, n) == 0;
}

void welcome_remember(struct welcome_list *list, const char *topic, size_t n)
{
	struct welcome *w = &list->all[list->next++ % WELCOME_MOST];

	if (n >= sizeof(w->topic))
		return;
	memcpy(w->topic, topic, n);
	w->topic[n] = '\0';
	w->left = WELCOME_AGAIN;
}

void welcome_forget(struct welcome_list *list, const char *topic, size_t n)
{
	for (size_t i = 0; i < WELCOME_MOST; i++)
		if (is(&list->all[i], topic, n))
			list->all[i].left = 0;
}

void welcome_again(struct welcome_list *list, void (*say)(void *context, const char *topic),
		   void *context)
{
	for (size_t i = 0; i < WELCOME_MOST; i++) {
		struct welcome *w = &list->all[i];

		if (w->left == 0)
			continue;
		w->left--;
		say(context, w->topic);
	}
}
