# sim_backend/embed.awk - writes the files it reads as C strings (sim_backend/network_shipped.h).
FNR == 1 {
	if (n)
		text = text ",\n"
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.csv$/, "", name)
	names = names "\t\"" name "\",\n"
	n++
}
{
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	text = text "\t\"" $0 "\\n\"\n"
}
END {
	print "/* Made from sim_backend/networks/ by sim_backend/embed.awk: change those, not this. */"
	print "#include \"config.h\"\n\n#include <stddef.h>\n\n#include \"sim_backend/network_shipped.h\"\n"
	print "const char *const network_shipped_name[] = {\n" names "\tNULL};\n"
	print "const char *const network_shipped_text[] = {\n" text "\t, NULL};"
}
