def render_stack(stack, out): return 0
