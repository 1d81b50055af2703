# tests/bench/scale.gp - steps per second and memory against edges, from the table of `bench_scale --csv`.
# gnuplot -e "csv='scale.csv'; svg='scale.svg'" scale.gp
set terminal svg size 760,520 font "sans,13" background "white"
set output svg
set datafile separator ","
set logscale xy
set xlabel "edges"
set ylabel "learning steps per second"
set y2label "peak memory (MiB)"
set logscale y2
set ytics nomirror
set y2tics
set format x "10^{%T}"
set format y "10^{%T}"
set xrange [1:1e6]
set yrange [0.5:1e8]
set y2range [1:1e4]
set key top right
set arrow from 1,5 to 1e6,5 nohead dt 2 lc rgb "gray40"
set label "the bench: 5 steps/s" at 1.3,8 tc rgb "gray40"
set arrow from 500,0.5 to 500,1e8 nohead dt 3 lc rgb "gray40"
set label "the paper: 500 edges" at 560,1 tc rgb "gray40"
plain(n) = (strstrt(n, "square") || strstrt(n, "king") || strstrt(n, "divider") || strstrt(n, "own"))
plot csv skip 1 using (plain(strcol(1)) ? $2 : NaN):5 with linespoints pt 7 lc rgb "#1f5fa8" title "steps/s, planar", \
     csv skip 1 using (strstrt(strcol(1), "disordered") ? $2 : NaN):5 with points pt 9 ps 1.2 lc rgb "#1f5fa8" title "disordered", \
     csv skip 1 using (strstrt(strcol(1), "cubic") ? $2 : NaN):5 with points pt 4 ps 1.2 lc rgb "#1f5fa8" title "cubic", \
     csv skip 1 using (plain(strcol(1)) ? $2 : NaN):6 axes x1y2 with linespoints pt 6 lc rgb "#b5651d" title "memory, planar (right)"
