# Completion of fairlead(8) for bash. Verbs and options are asked of the program itself.
_fairlead() {
    local word=${COMP_WORDS[COMP_CWORD]} program=${COMP_WORDS[0]} verb=${COMP_WORDS[1]}
    case $COMP_CWORD-$word in
    1-*)
        mapfile -t COMPREPLY < <(compgen -W "$("$program" --help 2>/dev/null |
            sed -n '/^usage:/,$ s/^  \([a-z][a-z-]*\) .*/\1/p')" -- "$word")
        ;;
    *--*)
        mapfile -t COMPREPLY < <(compgen -W "$("$program" "$verb" --help 2>/dev/null |
            grep -oE -- '--[a-z][a-z0-9-]*' | sort -u)" -- "$word")
        ;;
    esac
}
complete -o default -F _fairlead fairlead
