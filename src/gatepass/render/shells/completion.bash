
# Completion. The words go through the environment of the command, which others cannot read as they can its arguments.
function _gatepass_completion {
  local IFS=' ' line
  local words="${COMP_WORDS[*]-}" word="$COMP_CWORD"
  IFS='
'
  COMPREPLY=()
  for line in $(unset COMP_WORDS COMP_CWORD; COMP_WORDS="$words" COMP_CWORD="$word" \
    _GATEPASS_COMPLETE=bash_complete command gatepass 2>/dev/null); do
    case "$line" in
      plain,*) COMPREPLY+=("${line#plain,}") ;;
      dir,*) compopt -o dirnames 2>/dev/null ;;
      file,*) compopt -o default 2>/dev/null ;;
    esac
  done
  return 0
}
complete -o nosort -F _gatepass_completion gatepass 2>/dev/null || complete -F _gatepass_completion gatepass
