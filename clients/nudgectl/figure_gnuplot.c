/* clients/nudgectl/figure_gnuplot.c - gnuplot's script of a picture, and gnuplot. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clients/nudgectl/figure.h"

extern char **environ;

/* Seen by people who do not tell red from green: Okabe and Ito's colours */
static const char *const colors[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
				     "#e69f00", "#56b4e9", "#000000", "#888888"};
#define N_COLORS (sizeof(colors) / sizeof(colors[0]))

static const char *text(const json_t *says, const char *name)
{
	const char *ret = json_string_value(json_object_get(says, name));

	return ret ? ret : "";
}

/* In single quotes, where gnuplot knows only the doubled quote */
static void quoted(FILE *out, const char *words)
{
	putc('\'', out);
	for (; *words; words++) {
		if (*words == '\'')
			putc('\'', out);
		putc(*words, out);
	}
	putc('\'', out);
}

static void say(FILE *out, const char *what, const char *words)
{
	fprintf(out, "set %s ", what);
	quoted(out, words);
	fputs(" noenhanced\n", out);
}

static bool has_range(const struct figure_line *line)
{
	return line->n > 0 && !isnan(line->low[0]);
}

/* What a logarithmic axis cannot show is left out */
static bool can_show(const struct figure *f, double x, double y)
{
	bool log_x = json_is_true(json_object_get(f->says, "log_x"));
	bool log_y = json_is_true(json_object_get(f->says, "log_y"));

	return isfinite(x) && isfinite(y) && (!log_x || x > 0) && (!log_y || y > 0);
}

static void write_data(const struct figure *f, FILE *out)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct figure_line *line = &f->lines[i];

		fprintf(out, "$line%zu << end\n", i);
		for (size_t k = 0; k < line->n; k++) {
			double low = line->low[k], high = line->high[k];

			if (!can_show(f, line->x[k], line->y[k]))
				continue;
			if (!can_show(f, line->x[k], low))
				low = line->y[k];
			if (!can_show(f, line->x[k], high))
				high = line->y[k];
			fprintf(out, "%.6g %.6g %.6g %.6g\n", line->x[k], line->y[k], low, high);
		}
		fputs("end\n", out);
	}
}

static void write_lines(const struct figure *f, FILE *out)
{
	bool curves = !strcmp(text(f->says, "kind"), "curves");
	const char *separator = "plot ";

	for (size_t i = 0; curves && f->n == 1 && i < f->n && has_range(&f->lines[i]); i++) {
		fprintf(out,
			"%s$line%zu using 1:3:4 with filledcurves lc rgb '#cc%s' title 'all seeds'",
			separator, i, colors[i % N_COLORS] + 1);
		separator = ", \\\n  ";
	}
	for (size_t i = 0; !curves && i < f->n; i++) {
		if (!has_range(&f->lines[i]))
			continue;
		fprintf(out, "%s$line%zu using 1:2:3:4 with yerrorbars pt 0 lc rgb '#aa%s' notitle",
			separator, i, colors[i % N_COLORS] + 1);
		separator = ", \\\n  ";
	}
	for (size_t i = 0; i < f->n; i++) {
		fprintf(out, "%s$line%zu using 1:2 with %s lc rgb '%s' title ", separator, i,
			curves ? "lines lw 1.5" : "linespoints pt 7 ps 0.7 lw 1.5",
			colors[i % N_COLORS]);
		quoted(out, f->lines[i].title[0] ? f->lines[i].title : text(f->says, "by"));
		separator = ", \\\n  ";
	}
	putc('\n', out);
}

void figure_script(const struct figure *f, const char *stem, FILE *out)
{
	const char *const terminals[] = {
		"svg size 640,420 dynamic font 'sans,13' background '#ffffff'",
		"pngcairo size 960,630 font 'sans,13' background '#ffffff'"};
	const char *const ends[] = {"svg", "png"};

	fputs("set datafile missing 'nan'\nset key noenhanced\nset grid lc rgb '#dddddd'\n", out);
	say(out, "title", f->title);
	say(out, "xlabel", text(f->says, "x_label"));
	say(out, "ylabel", text(f->says, "y_label"));
	if (json_is_true(json_object_get(f->says, "log_x")))
		fputs("set logscale x\nset format x '10^{%L}'\n", out);
	if (json_is_true(json_object_get(f->says, "log_y")))
		fputs("set logscale y\nset format y '10^{%L}'\n", out);
	write_data(f, out);
	for (size_t i = 0; f->n > 0 && i < 2; i++) {
		fprintf(out, "set terminal %s\nset output ", terminals[i]);
		quoted(out, stem);
		fprintf(out, ".'.%s'\n", ends[i]);
		write_lines(f, out);
		fputs("unset output\n", out);
	}
}

int figure_plot(const char *script_file)
{
	char *words[] = {"gnuplot", (char *)script_file, NULL};
	posix_spawn_file_actions_t files;
	int r, status;
	pid_t pid;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	r = posix_spawnp(&pid, words[0], &files, NULL, words, environ);
	posix_spawn_file_actions_destroy(&files);
	if (r != 0)
		return r == ENOENT ? -ENOENT : -EIO;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -EIO;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}
