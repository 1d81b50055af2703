# bash completion for nudgectl and the programs beside it -*- shell-script -*-
# nudgectl itself knows what may stand at the cursor; here is only what bash wants done with it.

# Sets `program`: the one on the line, else, as when a variable stands there, the one in PATH; nothing is evaluated.
_nudgectl_program() {
	program=${1/#\~/$HOME}
	type -P -- "$program" >/dev/null || program=$2
}

# Sets `words`, the command line up to the cursor with what COMP_WORDBREAKS broke joined again, and `cut`: how much of
# the last one stands before what bash replaces.
_nudgectl_words() {
	local rest=${COMP_LINE:0:COMP_POINT} i part glue last
	words=() cut=0
	for ((i = 0; i <= COMP_CWORD; i++)); do
		part=${COMP_WORDS[i]}
		glue=no
		case $rest in
		[[:space:]]*) ;;
		*) ((i > 0)) && glue=yes ;;
		esac
		rest=${rest#"${rest%%[![:space:]]*}"}
		((i == COMP_CWORD)) && part=$rest # no further than the cursor
		rest=${rest#"$part"}
		if [[ $glue == yes ]]; then
			last=$((${#words[@]} - 1))
			cut=${#words[last]}
			words[last]+=$part
		else
			cut=0
			words+=("$part")
		fi
	done
	# A break by itself, as in `eta=`: what is replaced begins behind it
	[[ -n $part && -z ${part//[=:]/} ]] && cut=${#words[${#words[@]} - 1]}
	return 0
}

# The candidates that are files: WORD PATTERN...
_nudgectl_files() {
	local word=$1 pattern
	local -a found
	shift
	compopt -o filenames
	if [[ $# == 0 ]]; then
		mapfile -t found < <(compgen -f -- "$word")
		COMPREPLY+=("${found[@]}")
		return
	fi
	mapfile -t found < <(
		compgen -d -- "$word"
		for pattern; do compgen -f -X "!$pattern" -- "$word"; done
	)
	COMPREPLY+=("${found[@]}")
}

_nudgectl() {
	local program words cut line candidate about
	local -a lines candidates abouts patterns globs
	COMPREPLY=()
	_nudgectl_program "$1" nudgectl
	_nudgectl_words
	mapfile -t lines < <("$program" complete --shell bash -- "${words[@]:1}" 2>/dev/null)
	for line in "${lines[@]}"; do
		candidate=${line%%$'\t'*}
		about=${line#*$'\t'}
		if [[ -n $candidate ]]; then
			candidates+=("${candidate:cut}")
			abouts+=("$about")
			continue
		fi
		# "files\tHEAD\tWORD\tPATTERN...", where HEAD is always behind a break
		IFS=$'\x1f' read -r -a patterns <<<"${about//$'\t'/$'\x1f'}"
		if [[ ${patterns[0]} == files ]]; then
			IFS=' ' read -r -a globs <<<"${patterns[3]}"
			_nudgectl_files "${patterns[2]}" "${globs[@]}"
		else
			compopt -o filenames
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "${patterns[2]}")
		fi
	done
	# What a candidate is, when they are only listed and nothing is inserted
	if [[ ${COMP_TYPE:-9} == 63 && ${#candidates[@]} -gt 1 && ${#COMPREPLY[@]} == 0 ]]; then
		_nudgectl_describe
	elif [[ ${#candidates[@]} == 1 && ${#COMPREPLY[@]} == 0 && ${candidates[0]} == *[=:/] ]]; then
		compopt -o nospace
	fi
	COMPREPLY+=("${candidates[@]}")
}

# "CANDIDATE   (what it is)", no wider than the terminal
_nudgectl_describe() {
	local i width=0
	for candidate in "${candidates[@]}"; do
		((${#candidate} > width)) && width=${#candidate}
	done
	for ((i = 0; i < ${#candidates[@]}; i++)); do
		[[ -n ${abouts[i]} ]] || continue
		printf -v line '%-*s  (%s)' "$width" "${candidates[i]}" "${abouts[i]}"
		((${#line} < ${COLUMNS:-80})) || line=${line:0:${COLUMNS:-80}-5}...\)
		candidates[i]=$line
	done
}

# The others say their options in their help, and behind an option what it may be: "error, warning or debug"
_nudge_options() {
	local program help words
	COMPREPLY=()
	_nudgectl_program "$1" "${1##*/}"
	help=$("$program" --help 2>/dev/null)
	if [[ $2 == -* ]]; then
		words=$(grep -oE -- '--[a-zA-Z][a-zA-Z-]*' <<<"$help")
	elif [[ $3 == --* ]]; then
		words=$(sed -nE "s/^ *$3 [A-Z]+ +([a-z]+(, [a-z]+)* or [a-z]+)\\b.*/\\1/p" <<<"$help")
		words=${words//,/ } words=${words// or / }
	fi
	if [[ -n $words ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$2")
	else
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$2")
	fi
}

complete -o nosort -F _nudgectl nudgectl
complete -F _nudge_options nudged nudge-web nudge-db nudge-safe nudge-benchd
