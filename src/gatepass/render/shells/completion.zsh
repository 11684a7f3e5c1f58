
# Completion. The words go through the environment of the command, which others cannot read as they can its arguments.
function _gatepass_completion {
  emulate -L zsh
  local kind word help
  local -a plain described answer
  answer=("${(@f)$(COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT - 1)) _GATEPASS_COMPLETE=zsh_complete \
    command gatepass 2>/dev/null)}")
  for kind word help in "${answer[@]}"; do
    case "$kind" in
      plain) if [[ "$help" == "_" ]]; then plain+=("$word"); else described+=("$word:$help"); fi ;;
      dir) _path_files -/ ;;
      file) _path_files -f ;;
    esac
  done
  if (( $#described )); then _describe -V gatepass described -U; fi
  if (( $#plain )); then compadd -U -V gatepass -a plain; fi
}
# Without zsh's own completion (compinit) there is nothing to add it to.
if (( $+functions[compdef] )); then compdef _gatepass_completion gatepass; fi
