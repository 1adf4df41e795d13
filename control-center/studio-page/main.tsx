import { render } from 'preact'
import { Page } from './view/page.tsx'

render(<Page />, document.getElementById('page')!)
