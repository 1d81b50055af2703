/* clients/nudgectl/top_terminal.c - cells to a terminal; the one home of ncurses. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define NCURSES_WIDECHAR 1
#include <ncurses.h>
#include <term.h>

#include "clients/nudgectl/top_keys.h"
#include "clients/nudgectl/top_terminal.h"

/* What gives the terminal back, for a handler that may call nothing but write(2) and tcsetattr(3) */
static struct {
	volatile sig_atomic_t taken;
	struct termios before;
	char text[256];
	size_t n;
} leave;

static SCREEN *screen;
static attr_t attributes[TOP_STYLES];
static short pairs[TOP_STYLES];

/* ---- dying ---- */

static void keep_text(const char *name)
{
	const char *text = tigetstr((char *)name);

	if (!text || text == (const char *)-1 || leave.n + strlen(text) > sizeof(leave.text))
		return;
	memcpy(leave.text + leave.n, text, strlen(text));
	leave.n += strlen(text);
}

static void die(int number)
{
	if (leave.taken) {
		leave.taken = 0;
		if (write(STDOUT_FILENO, leave.text, leave.n) >= 0)
			tcsetattr(STDIN_FILENO, TCSANOW, &leave.before);
	}
	raise(number); /* as it would have died: the handler is there once */
}

static void catch_deaths(void)
{
	static const int deaths[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSYS};
	struct sigaction action = {.sa_handler = die, .sa_flags = (int)SA_RESETHAND | SA_NODEFER};

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++)
		sigaction(deaths[i], &action, NULL);
}

/* ---- how cells look ---- */

/* Blue and orange: told apart by everybody.  Each style differs from its neighbours without them, too. */
static void choose_looks(bool color)
{
	static const struct {
		attr_t attributes;
		short color256, color8;
	} looks[TOP_STYLES] = {
		[TOP_PLAIN] = {A_NORMAL, -1, -1},
		[TOP_FAINT] = {A_DIM, -1, -1},
		[TOP_STRONG] = {A_BOLD, -1, -1},
		[TOP_CURVE] = {A_NORMAL, 75, COLOR_CYAN},
		[TOP_SECOND] = {A_NORMAL, 179, COLOR_YELLOW},
		[TOP_GOOD] = {A_NORMAL, 75, COLOR_CYAN},
		[TOP_LIT] = {A_BOLD, 221, COLOR_YELLOW},
		[TOP_WARN] = {A_BOLD, 214, COLOR_YELLOW},
		[TOP_BAD] = {A_BOLD, 209, COLOR_RED},
		[TOP_BADGE] = {A_REVERSE | A_BOLD, -1, -1},
		[TOP_ALERT] = {A_REVERSE | A_BOLD, 209, COLOR_RED},
		[TOP_SELECTED] = {A_REVERSE, -1, -1},
	};

	if (color && has_colors()) {
		start_color();
		use_default_colors();
	} else {
		color = false;
	}
	for (short i = 0; i < TOP_STYLES; i++) {
		short wanted = COLORS >= 256 ? looks[i].color256 : looks[i].color8;

		attributes[i] = looks[i].attributes;
		pairs[i] = 0;
		if (color && wanted >= 0 && init_pair((short)(i + 1), wanted, -1) == OK)
			pairs[i] = (short)(i + 1);
	}
}

/* ---- taking and giving back ---- */

int top_terminal_open(bool color, char *why, size_t size)
{
	if (tcgetattr(STDIN_FILENO, &leave.before) < 0) {
		snprintf(why, size, "standard input is no terminal: %s", strerror(errno));
		return -1;
	}
	screen = newterm(NULL, stdout, stdin);
	if (!screen) {
		snprintf(why, size, "ncurses does not know the terminal \"%s\" ($TERM)",
			 getenv("TERM") ? getenv("TERM") : "");
		return -1;
	}
	leave.n = 0;
	keep_text("sgr0");
	keep_text("rmkx");
	keep_text("cnorm");
	keep_text("rmcup");
	leave.taken = 1;
	catch_deaths();
	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(50);
	curs_set(0);
	choose_looks(color);
	return 0;
}

void top_terminal_close(void)
{
	if (!screen)
		return;
	endwin();
	leave.taken = 0;
	delscreen(screen);
	screen = NULL;
}

void top_terminal_size(int *height, int *width)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 &&
	    (size.ws_row != LINES || size.ws_col != COLS))
		resizeterm(size.ws_row, size.ws_col);
	*height = LINES;
	*width = COLS;
}

/* A space has no colour that one could see: it looks like what is before it, so that no change is sent for it. */
static void show_row(const struct top_screen *s, int y)
{
	enum top_style before = TOP_PLAIN;

	for (int x = 0; x < s->width; x++) {
		const struct top_cell *cell = &s->cells[y * s->width + x];
		wchar_t text[2] = {(wchar_t)(cell->glyph ? cell->glyph : ' '), 0};
		enum top_style style = cell->style;
		cchar_t c;

		if (text[0] == ' ' && !(attributes[style] & A_REVERSE))
			style = attributes[before] & A_REVERSE ? TOP_PLAIN : before;
		setcchar(&c, text, attributes[style], pairs[style], NULL);
		mvadd_wch(y, x, &c);
		before = style;
	}
}

void top_terminal_show(const struct top_screen *s)
{
	for (int y = 0; y < s->height; y++)
		show_row(s, y);
	refresh();
}

void top_terminal_redraw(void)
{
	clearok(curscr, TRUE);
}

int top_terminal_key(void)
{
	static const struct {
		wint_t code;
		int key;
	} codes[] = {
		{KEY_UP, TOP_KEY_UP},
		{KEY_DOWN, TOP_KEY_DOWN},
		{KEY_LEFT, TOP_KEY_LEFT},
		{KEY_RIGHT, TOP_KEY_RIGHT},
		{KEY_PPAGE, TOP_KEY_PAGE_UP},
		{KEY_NPAGE, TOP_KEY_PAGE_DOWN},
		{KEY_HOME, TOP_KEY_HOME},
		{KEY_END, TOP_KEY_END},
		{KEY_BTAB, TOP_KEY_BACK_TAB},
		{KEY_BACKSPACE, TOP_KEY_BACKSPACE},
		{KEY_ENTER, '\r'},
	};
	wint_t code;
	int r = get_wch(&code);

	if (r == ERR)
		return -1;
	if (r == KEY_CODE_YES) {
		for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
			if (codes[i].code == code)
				return codes[i].key;
		return 0;
	}
	if (code == 127 || code == 8)
		return TOP_KEY_BACKSPACE;
	return code == '\n' ? '\r' : (int)code;
}

void top_terminal_suspend(void)
{
	struct sigaction usual = {.sa_handler = SIG_DFL}, before;
	sigset_t stop;

	endwin();
	leave.taken = 0;
	sigemptyset(&usual.sa_mask);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	sigaction(SIGTSTP, &usual, &before);
	raise(SIGTSTP); /* it is blocked: it stops here, where it is let through */
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	sigaction(SIGTSTP, &before, NULL);
	leave.taken = 1;
	clearok(curscr, TRUE);
	refresh();
}
