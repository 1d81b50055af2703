/* clients/nudgectl/overlay.c - writes several curves as a picture: SVG by ourselves, PNG by gnuplot or rsvg-convert. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/nudgectl/figure.h"
#include "clients/nudgectl/overlay.h"
#include "clients/nudgectl/program.h"

/* Seen by people who do not tell red from green */
static const char *const colors[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
				     "#e69f00", "#56b4e9", "#000000", "#888888"};
static const char *const dashes[] = {"", "7 4", "2 3", "9 3 2 3"};
#define N_COLORS (sizeof(colors) / sizeof(colors[0]))
#define N_DASHES (sizeof(dashes) / sizeof(dashes[0]))

const char *overlay_color(size_t line)
{
	return colors[line % N_COLORS];
}

const char *overlay_dashes(size_t line)
{
	return dashes[line / N_COLORS % N_DASHES];
}

static bool ends_in(const char *file, const char *end)
{
	size_t n = strlen(file), m = strlen(end);

	return n > m && !strcmp(file + n - m, end);
}

bool overlay_is_svg(const char *file)
{
	return ends_in(file, ".svg");
}

bool overlay_is_png(const char *file)
{
	return ends_in(file, ".png");
}

static int write_svg(const struct overlay *o, const char *file)
{
	FILE *out = strcmp(file, "-") ? fopen(file, "w") : stdout;
	bool failed;

	if (!out)
		return say_failed("%s: %s", file, strerror(errno));
	overlay_svg(o, out);
	failed = ferror(out) || fflush(out) == EOF;
	if (out != stdout && fclose(out) == EOF)
		failed = true;
	return failed ? say_failed("%s: cannot be written", file) : EXIT_FINE;
}

/* ---- gnuplot ---- */

/* In single quotes, where gnuplot knows only the doubled quote */
static void quoted(FILE *out, const char *words)
{
	putc('\'', out);
	for (; *words; words++) {
		if (*words == '\'')
			putc('\'', out);
		if ((unsigned char)*words >= 0x20)
			putc(*words, out);
	}
	putc('\'', out);
}

static void write_data(const struct overlay *o, FILE *out)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct svg_series *series = &o->lines[i].series;
		bool any = false;

		fprintf(out, "$line%zu << end\n", i);
		for (size_t k = 0; k < series->n; k++) {
			if (!isfinite(series->points[k].x) || !(series->points[k].y > 0))
				continue;
			fprintf(out, "%.9g %.9g\n", series->points[k].x, series->points[k].y);
			any = true;
		}
		fputs(any ? "end\n" : "nan nan\nend\n", out);
	}
}

static void write_script(const struct overlay *o, const char *file, FILE *out)
{
	fprintf(out,
		"set terminal pngcairo size 960,%zu font 'sans,12' background '#ffffff'\n"
		"set output ",
		560 + 22 * o->n);
	quoted(out, file);
	fputs("\nset datafile missing 'nan'\nset key noenhanced below left Left reverse maxcols 1\n"
	      "set grid lc rgb '#dddddd'\nset logscale y\nset format y '10^{%L}'\n"
	      "set ylabel 'error of the outputs, V^2' noenhanced\nset xlabel ",
	      out);
	quoted(out, o->x_label);
	fputs(" noenhanced\nset title ", out);
	quoted(out, o->title);
	fputs(" noenhanced\n", out);
	write_data(o, out);
	fputs("plot ", out);
	for (size_t i = 0; i < o->n; i++) {
		fprintf(out, "%s$line%zu using 1:2 with lines lw 1.7 dt %zu lc rgb '%s' title ",
			i ? ", \\\n  " : "", i, 1 + i / N_COLORS % N_DASHES, overlay_color(i));
		quoted(out, o->lines[i].title);
	}
	fputs("\nunset output\n", out);
}

/* A file of ours with some text in it; its name is unlink()ed and free()d by the caller. */
static FILE *new_file(char **ret)
{
	const char *folder = getenv("TMPDIR");
	int fd = -1;

	if (asprintf(ret, "%s/nudgectl.XXXXXX", folder && *folder ? folder : "/tmp") < 0) {
		*ret = NULL;
		return NULL;
	}
	fd = mkstemp(*ret);
	return fd < 0 ? NULL : fdopen(fd, "w");
}

static int by_gnuplot(const struct overlay *o, const char *file)
{
	char *script;
	FILE *out = new_file(&script);
	int r = -EIO;

	if (out) {
		write_script(o, file, out);
		if (fclose(out) == 0)
			r = figure_plot(script);
		unlink(script);
	}
	free(script);
	return r;
}

static int by_rsvg(const struct overlay *o, const char *file)
{
	char *rsvg = program_find("rsvg-convert"), *svg = NULL;
	FILE *out = rsvg ? new_file(&svg) : NULL;
	int r = rsvg ? -EIO : -ENOENT;

	if (out) {
		char *argv[] = {rsvg,         (char *)"-z", (char *)"1.5", (char *)"-o",
				(char *)file, svg,          NULL};

		overlay_svg(o, out);
		if (fclose(out) == 0)
			r = program_run(argv, -1) == 0 ? 0 : -EIO;
		unlink(svg);
	}
	free(svg);
	free(rsvg);
	return r;
}

static int write_png(const struct overlay *o, const char *file)
{
	int r = by_gnuplot(o, file);

	if (r == -ENOENT)
		r = by_rsvg(o, file);
	if (r == -ENOENT)
		return say_failed("%s: a PNG takes gnuplot (package gnuplot-nox) or rsvg-convert "
				  "(librsvg2-bin), and neither is here; a name that ends in .svg "
				  "takes nothing",
				  file);
	return r < 0 ? say_failed("%s: cannot be drawn", file) : EXIT_FINE;
}

int overlay_write(const struct overlay *o, const char *file)
{
	return overlay_is_png(file) ? write_png(o, file) : write_svg(o, file);
}
