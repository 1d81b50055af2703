/* sim_backend/circuit_rc_poles.h - exp(x) as a sum of fractions, for every x <= 0.
 *
 * exp(x) = sum over the poles of 2 Re(residue / (x - pole)), to 6e-14: the near-best rational approximation of type
 * (14, 14) on the negative axis, by the Caratheodory-Fejer method of L. N. Trefethen, J. A. C. Weideman and
 * T. Schmelzer, "Talbot quadratures and rational approximations", BIT 46 (2006) 653-670.  One pole of each pair.
 */
#ifndef SIM_BACKEND_CIRCUIT_RC_POLES_H
#define SIM_BACKEND_CIRCUIT_RC_POLES_H

static const double pole_re[] = {5.6231647859133203, 5.089367564051825,   3.9933939169947728,
				 2.2698131946556557, -0.2087182241648243, -3.703215356019705,
				 -8.8976832704227462};
static const double pole_im[] = {1.19407555888479,   3.5888443387480664, 6.0048677845538956,
				 8.4617923637601429, 10.991334648730728, 13.656464690624857,
				 16.631088780518656};
static const double residue_re[] = {
	-27.875331140599961, 46.933753013288701,   -23.498725527243359,    4.8073323110614954,
	-0.3763981614778793, 0.009441068865057467, -7.1563810843330595e-05};
static const double residue_im[] = {
	-102.15032871934108, 45.64577708417692,     -5.8092833234755856,   -1.3207878209315063,
	0.3351716726572137,  -0.017184956987387742, 0.00014361540102234496};

#endif
