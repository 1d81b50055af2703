/* sim_backend/overdamped.c - the overdamped rule in time, by SUNDIALS' CVODE. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <sunlinsol/sunlinsol_klu.h>
#include <sunmatrix/sunmatrix_sparse.h>

#include "sim_backend/overdamped.h"

/* Steps of one flow, some seconds of work at 143 edges. */
#define MOST_STEPS 50000
/* Of the tolerance asked for goes to each of the integrator's steps: their errors add up. */
#define STEP_SHARE 0.003
/* The response fades as the task is learnt: below this share of the span of voltages its error may be as large. */
#define RESPONSE_SHARE 1e-2
#define KLU_AMD        0
/* Of the largest conductance: lower ones end here. */
#define LEAST_SHARE 1e-12

struct overdamped {
	struct overdamped_field field;
	double relative;
	SUNContext context;
	void *cvode;
	N_Vector y, tolerance;
	SUNMatrix matrix;
	SUNLinearSolver solver;
	/* of the flow under way; drive points into the copies */
	struct overdamped_drive drive;
	double *source_V, *target_V;
	uint8_t *learns;
	double *before; /* [n_state] */
	double time_s;  /* since the integrator started anew */
	bool under_way;
	long steps, rates; /* of starts before the last */
};

static double *state(const struct overdamped *o)
{
	return N_VGetArrayPointer(o->y);
}

/* ---- what CVODE calls ---- */

static int rate(realtype t, N_Vector y, N_Vector ret, void *data)
{
	struct overdamped *o = data;

	(void)t;
	overdamped_field_rate(&o->field, &o->drive, N_VGetArrayPointer(y), N_VGetArrayPointer(ret));
	return 0;
}

static int jacobian(realtype t, N_Vector y, N_Vector rates, SUNMatrix ret, void *data,
		    N_Vector spare1, N_Vector spare2, N_Vector spare3)
{
	struct overdamped *o = data;
	const struct overdamped_field *f = &o->field;

	(void)t, (void)rates, (void)spare1, (void)spare2, (void)spare3;
	memcpy(SUNSparseMatrix_IndexPointers(ret), f->column,
	       (f->n_state + 1) * sizeof(*f->column));
	memcpy(SUNSparseMatrix_IndexValues(ret), f->row, f->n_entries * sizeof(*f->row));
	overdamped_field_jacobian(&o->field, &o->drive, N_VGetArrayPointer(y),
				  SUNSparseMatrix_Data(ret));
	return 0;
}

/* Its sentences would go to stderr; ours go to the caller. */
static void swallow(int code, const char *module, const char *function, char *text, void *data)
{
	(void)code, (void)module, (void)function, (void)text, (void)data;
}

/* ---- life ---- */

static int make_vectors(struct overdamped *o)
{
	sunindextype n = (sunindextype)o->field.n_state;

	if (SUNContext_Create(NULL, &o->context) != 0)
		return -ENOMEM;
	o->y = N_VNew_Serial(n, o->context);
	o->tolerance = N_VNew_Serial(n, o->context);
	o->matrix =
		SUNSparseMatrix(n, n, (sunindextype)o->field.n_entries + 1, CSC_MAT, o->context);
	o->source_V = calloc(o->field.n_sources + 1, sizeof(double));
	o->target_V = calloc(o->field.n_targets + 1, sizeof(double));
	o->learns = calloc(o->field.n_edges + 1, 1);
	o->before = calloc(o->field.n_state + 1, sizeof(double));
	if (!o->y || !o->tolerance || !o->matrix || !o->source_V || !o->target_V || !o->learns ||
	    !o->before)
		return -ENOMEM;
	N_VConst(0, o->y);
	N_VConst(1, o->tolerance);
	o->solver = SUNLinSol_KLU(o->y, o->matrix, o->context);
	return o->solver ? 0 : -ENOMEM;
}

/* BDF and Newton: the networks' own rates make the problem stiff where learning is slow. */
static int make_integrator(struct overdamped *o)
{
	o->cvode = CVodeCreate(CV_BDF, o->context);
	if (!o->cvode || CVodeInit(o->cvode, rate, 0, o->y) != CV_SUCCESS ||
	    CVodeSVtolerances(o->cvode, o->relative, o->tolerance) != CV_SUCCESS ||
	    CVodeSetUserData(o->cvode, o) != CV_SUCCESS ||
	    CVodeSetErrHandlerFn(o->cvode, swallow, NULL) != CV_SUCCESS ||
	    CVodeSetMaxNumSteps(o->cvode, MOST_STEPS) != CV_SUCCESS ||
	    CVodeSetLinearSolver(o->cvode, o->solver, o->matrix) != CVLS_SUCCESS ||
	    CVodeSetJacFn(o->cvode, jacobian) != CVLS_SUCCESS ||
	    SUNLinSol_KLUSetOrdering(o->solver, KLU_AMD) != SUNLS_SUCCESS)
		return -ENOMEM;
	return 0;
}

int overdamped_new(const struct network *net, const uint32_t *sources, size_t n_sources,
		   const uint32_t *targets, size_t n_targets, double relative,
		   struct overdamped **ret)
{
	struct overdamped *o = calloc(1, sizeof(*o));
	int r;

	if (!o)
		return -ENOMEM;
	o->relative = STEP_SHARE * relative;
	r = overdamped_field_make(net, sources, n_sources, targets, n_targets, &o->field);
	if (r == 0)
		r = make_vectors(o);
	if (r == 0)
		r = make_integrator(o);
	if (r < 0) {
		overdamped_free(o);
		return r;
	}
	*ret = o;
	return 0;
}

void overdamped_free(struct overdamped *o)
{
	if (!o)
		return;
	CVodeFree(&o->cvode);
	SUNLinSolFree(o->solver);
	SUNMatDestroy(o->matrix);
	N_VDestroy(o->y);
	N_VDestroy(o->tolerance);
	SUNContext_Free(&o->context);
	overdamped_field_clear(&o->field);
	free(o->source_V);
	free(o->target_V);
	free(o->learns);
	free(o->before);
	free(o);
}

/* ---- the state ---- */

void overdamped_put(struct overdamped *o, const double *free_V, const double *response_V)
{
	const struct overdamped_field *f = &o->field;
	double *y = state(o);

	for (size_t v = 0; v < f->n_nodes; v++) {
		uint32_t k = f->place[v];

		if (k >= f->n_free)
			continue;
		y[k] = isfinite(free_V[v]) ? free_V[v] : 0;
		y[f->n_free + k] = isfinite(response_V[v]) ? response_V[v] : 0;
	}
	o->under_way = false;
}

void overdamped_scale_response(struct overdamped *o, double factor)
{
	double *u = state(o) + o->field.n_free;

	for (size_t i = 0; i < o->field.n_free; i++)
		u[i] *= factor;
	o->under_way = false;
}

void overdamped_voltages(struct overdamped *o, const struct overdamped_drive *drive,
			 double *ret_free_V, double *ret_response_V)
{
	const struct overdamped_field *f = &o->field;
	const double *y = state(o);
	size_t first = f->n_free - f->n_targets;

	for (size_t v = 0; v < f->n_nodes; v++) {
		uint32_t k = f->place[v];

		if (k >= f->n_free) {
			ret_free_V[v] = drive->source_V[k - f->n_free];
			ret_response_V[v] = 0;
			continue;
		}
		ret_free_V[v] = y[k];
		ret_response_V[v] = drive->clamped && k >= first ? drive->target_V[k - first] - y[k]
								 : y[f->n_free + k];
	}
}

/* ---- a flow ---- */

static bool same(const void *a, const void *b, size_t n, size_t size)
{
	return n == 0 || memcmp(a, b, n * size) == 0;
}

/* Whether the integrator can go on as it is. */
static bool goes_on(const struct overdamped *o, const struct overdamped_drive *drive,
		    const double *g)
{
	const struct overdamped_field *f = &o->field;
	const struct overdamped_drive *d = &o->drive;

	return o->under_way && d->alpha_per_s == drive->alpha_per_s && d->eta == drive->eta &&
	       d->fall_per_s == drive->fall_per_s && d->clamped == drive->clamped &&
	       same(d->source_V, drive->source_V, f->n_sources, sizeof(double)) &&
	       (!d->clamped || same(d->target_V, drive->target_V, f->n_targets, sizeof(double))) &&
	       same(d->learns, drive->learns, f->n_edges, 1) &&
	       same(state(o) + 2 * f->n_free, g, f->n_edges, sizeof(double));
}

static double largest(const double *x, size_t n)
{
	double most = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, fabs(x[i]));
	return most;
}

/* Absolute tolerances, by the spans of voltages and conductances. */
static void set_tolerances(struct overdamped *o)
{
	const struct overdamped_field *f = &o->field;
	const double *y = state(o);
	double *t = N_VGetArrayPointer(o->tolerance);
	double span_V = fmax(largest(o->source_V, f->n_sources), largest(y, f->n_free));
	double span_S = largest(y + 2 * f->n_free, f->n_edges);

	if (o->drive.clamped)
		span_V = fmax(span_V, largest(o->target_V, f->n_targets));
	for (size_t i = 0; i < f->n_free; i++) {
		t[i] = o->relative * fmax(span_V, 1e-12);
		t[f->n_free + i] = RESPONSE_SHARE * t[i];
	}
	for (size_t j = 0; j < f->n_edges; j++)
		t[2 * f->n_free + j] = o->relative * span_S;
}

static void count_work(const struct overdamped *o, long *ret_steps, long *ret_rates)
{
	*ret_steps = *ret_rates = 0;
	CVodeGetNumSteps(o->cvode, ret_steps);
	CVodeGetNumRhsEvals(o->cvode, ret_rates);
}

static void start_anew(struct overdamped *o, const struct overdamped_drive *drive, const double *g)
{
	const struct overdamped_field *f = &o->field;
	long steps, rates;

	count_work(o, &steps, &rates);
	o->steps += steps;
	o->rates += rates;
	o->drive = *drive;
	memcpy(o->source_V, drive->source_V, f->n_sources * sizeof(double));
	if (drive->clamped)
		memcpy(o->target_V, drive->target_V, f->n_targets * sizeof(double));
	memcpy(o->learns, drive->learns, f->n_edges);
	o->drive.source_V = o->source_V;
	o->drive.target_V = o->target_V;
	o->drive.learns = o->learns;
	memcpy(state(o) + 2 * f->n_free, g, f->n_edges * sizeof(double));
	o->time_s = 0;
	set_tolerances(o);
	o->under_way = CVodeReInit(o->cvode, 0, o->y) == CV_SUCCESS &&
		       CVodeSVtolerances(o->cvode, o->relative, o->tolerance) == CV_SUCCESS;
}

static bool all_finite(const double *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i] * 0;
	return sum == 0;
}

/* Neither the integrator's error nor its interpolation may take a conductance lower than its rate lets it fall, nor to
 * where a network without it would be singular. */
static void keep_above_fall(const struct overdamped *o, double seconds, double *g)
{
	const double *before = o->before + 2 * o->field.n_free;
	double factor = exp(-o->drive.fall_per_s * seconds);
	double least = LEAST_SHARE * largest(before, o->field.n_edges);

	for (size_t j = 0; j < o->field.n_edges; j++)
		if (o->learns[j])
			g[j] = fmax(g[j], fmax(before[j] * factor, fmin(before[j], least)));
}

static int fail(struct overdamped *o, int r, double reached_s, double seconds,
		struct overdamped_error *err)
{
	memcpy(state(o), o->before, o->field.n_state * sizeof(double));
	o->under_way = false;
	snprintf(err->text, sizeof(err->text),
		 "the overdamped flow stopped after %.3g of %.3g s at alpha = %g per second: %s; "
		 "give a smaller alpha or tau_s, or clip: true",
		 fmax(0, reached_s), seconds, o->drive.alpha_per_s,
		 r == CV_TOO_MUCH_WORK ? "too many steps of the integrator"
				       : "no step is short enough");
	return -EDOM;
}

/* The u of clamped targets, which the integrator leaves alone. */
static void complete(struct overdamped *o)
{
	size_t n = o->field.n_free, first = n - o->field.n_targets;
	double *y = state(o);

	for (size_t i = 0; o->drive.clamped && i < o->field.n_targets; i++)
		y[n + first + i] = o->target_V[i] - y[first + i];
}

int overdamped_flow(struct overdamped *o, const struct overdamped_drive *drive, double seconds,
		    double *g, struct overdamped_error *err)
{
	const struct overdamped_field *f = &o->field;
	double *y = state(o), reached_s = o->time_s;
	int r = CV_ILL_INPUT;

	if (seconds <= 0)
		return 0;
	memcpy(o->before, y, 2 * f->n_free * sizeof(double));
	memcpy(o->before + 2 * f->n_free, g, f->n_edges * sizeof(double));
	if (!goes_on(o, drive, g))
		start_anew(o, drive, g);
	if (o->under_way)
		r = CVode(o->cvode, o->time_s + seconds, o->y, &reached_s, CV_NORMAL);
	if (r < 0 || !all_finite(y, f->n_state))
		return fail(o, r, reached_s - o->time_s, seconds, err);
	o->time_s += seconds;
	keep_above_fall(o, seconds, y + 2 * f->n_free);
	complete(o);
	memcpy(g, y + 2 * f->n_free, f->n_edges * sizeof(double));
	return 0;
}

void overdamped_work(const struct overdamped *o, long *ret_steps, long *ret_rates)
{
	count_work(o, ret_steps, ret_rates);
	*ret_steps += o->steps;
	*ret_rates += o->rates;
}
