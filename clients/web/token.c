/* clients/web/token.c - the secret that lets a browser in. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/web/token.h"

static int draw(struct token *ret)
{
	unsigned char bytes[TOKEN_CHARS / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return -1;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(ret->text + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

static bool is_token(const char *text)
{
	return strlen(text) == TOKEN_CHARS && strspn(text, "0123456789abcdef") == TOKEN_CHARS;
}

static int read_file(int fd, const char *file, struct token *ret, char *why, unsigned why_size)
{
	char text[TOKEN_CHARS + 2] = "";
	ssize_t n = read(fd, text, sizeof(text) - 1);
	struct stat status;

	if (n < 0 || fstat(fd, &status) < 0) {
		snprintf(why, why_size, "%s: %s", file, strerror(errno));
		return -1;
	}
	if (status.st_mode & 0077) {
		snprintf(why, why_size, "%s: others may read it (mode %03o): chmod 600 %s", file,
			 status.st_mode & 0777, file);
		return -1;
	}
	text[strcspn(text, "\n")] = '\0';
	if (!is_token(text)) {
		snprintf(why, why_size, "%s: no token of %d hexadecimal digits: remove the file",
			 file, TOKEN_CHARS);
		return -1;
	}
	memcpy(ret->text, text, sizeof(ret->text));
	return 0;
}

static int write_file(int fd, const char *file, const struct token *token, char *why,
		      unsigned why_size)
{
	char text[TOKEN_CHARS + 2];
	int n = snprintf(text, sizeof(text), "%s\n", token->text);

	if (write(fd, text, (size_t)n) == n && fsync(fd) == 0)
		return 0;
	snprintf(why, why_size, "%s: %s", file, strerror(errno));
	unlink(file);
	return -1;
}

int token_make(const char *file, struct token *ret, char *why, unsigned why_size)
{
	int fd, r;

	if (draw(ret) < 0) {
		snprintf(why, why_size, "getrandom: %s", strerror(errno));
		return -1;
	}
	if (!file)
		return 0;
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		r = write_file(fd, file, ret, why, why_size);
	} else {
		fd = errno == EEXIST ? open(file, O_RDONLY | O_CLOEXEC) : -1;
		if (fd < 0) {
			snprintf(why, why_size, "%s: %s", file, strerror(errno));
			return -1;
		}
		r = read_file(fd, file, ret, why, why_size);
	}
	close(fd);
	return r;
}

static bool same(const struct token *token, const char *text, size_t n)
{
	unsigned char differ = 0;

	if (n != TOKEN_CHARS)
		return false;
	for (size_t i = 0; i < TOKEN_CHARS; i++)
		differ |= (unsigned char)(token->text[i] ^ text[i]);
	return differ == 0;
}

bool token_is(const struct token *token, const char *text)
{
	return text && same(token, text, strlen(text));
}

bool token_in_cookies(const struct token *token, const char *cookies)
{
	static const char name[] = "nudge=";

	while (cookies && *cookies) {
		size_t n;

		cookies += strspn(cookies, " ;");
		n = strcspn(cookies, ";");
		if (!strncmp(cookies, name, sizeof(name) - 1)) {
			size_t value = n - (sizeof(name) - 1);

			while (value > 0 && cookies[sizeof(name) - 1 + value - 1] == ' ')
				value--;
			if (same(token, cookies + sizeof(name) - 1, value))
				return true;
		}
		cookies += n;
	}
	return false;
}
